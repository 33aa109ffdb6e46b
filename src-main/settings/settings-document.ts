/** Settings as a document, to take them to another installation: without secrets, and without what is of one computer. */
import { z } from 'zod';
import type { ImportedSettings, JsonObject, SettingChange, SettingValue } from '../../src-contract/index.ts';
import { settingValue } from '../../src-contract/setting-values.ts';
import { checkValue } from './check-value.ts';
import { isConfigName } from './config-file.ts';
import type { ConfigName } from './config-schema.ts';
import { CONFIG_NAMES, isSetting, keyDefinition } from './describe-key.ts';
import { refused } from './device-settings.ts';
import { suggestion } from './load-config.ts';

const FORMAT = 'archon-settings';
const VERSION = 1;

/** What is right for one computer is wrong for another. */
const OF_ONE_COMPUTER: ReadonlySet<ConfigName> = new Set([
  'server.host',
  'server.port',
  'server.allow_remote',
  'server.trusted_proxies',
  'server.allowed_origins',
  'workers.enabled',
  'workers.organisations',
]);

const settingsDocument = z.looseObject({
  format: z.literal(FORMAT),
  version: z.int().positive(),
  settings: z.record(z.string(), z.unknown()),
});

export interface Exported {
  key: ConfigName;
  value: SettingValue;
}

export function exportDocument(
  set: readonly Exported[],
  about: { exported_at: string; app_version: string },
): JsonObject {
  const kept = set.filter(({ key }) => !keyDefinition(key).secret && !OF_ONE_COMPUTER.has(key));
  const settings = Object.fromEntries(kept.map(({ key, value }) => [key, value]));
  return { format: FORMAT, version: VERSION, ...about, settings };
}

/**
 * What a document would set here, and what of it is not taken.
 *
 * @param isLocked why a setting cannot be changed here
 */
export function readDocument(
  document: JsonObject,
  isLocked: (key: ConfigName) => string | undefined,
): { changes: SettingChange[]; skipped: ImportedSettings['skipped'] } {
  const parsed = settingsDocument.safeParse(document);
  if (!parsed.success)
    throw refused('document', `must be what \`archon config export\` writes ("format": "${FORMAT}")`);
  const changes: SettingChange[] = [];
  const skipped: ImportedSettings['skipped'] = [];
  for (const [key, given] of Object.entries(parsed.data.settings)) {
    const taken = takenOf(key, given, isLocked);
    if ('reason' in taken) skipped.push({ key: key.slice(0, 200), reason: taken.reason });
    else changes.push({ key, value: taken.value });
  }
  return { changes, skipped };
}

function takenOf(
  key: string,
  given: unknown,
  isLocked: (key: ConfigName) => string | undefined,
): { value: SettingValue } | { reason: string } {
  if (!isConfigName(key) || !isSetting(key)) {
    return { reason: `There is no such setting.${suggestion(key.slice(0, 100), CONFIG_NAMES)}` };
  }
  if (keyDefinition(key).secret) return { reason: 'Secrets are set by hand.' };
  if (OF_ONE_COMPUTER.has(key)) return { reason: 'It is for each computer to say.' };
  const locked = isLocked(key);
  if (locked !== undefined) return { reason: locked };
  const checked = checkValue(key, given, '/');
  if ('rule' in checked) return { reason: `It ${checked.rule}.` };
  const value = settingValue.safeParse(given);
  return value.success ? { value: value.data } : { reason: 'It is too long.' };
}
