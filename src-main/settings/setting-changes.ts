/** What a history tells of a change, and by what a setting that was changed meanwhile is known. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import {
  type SettingConflict,
  type SettingsHistoryEntry,
  type SettingValue,
  settingValue,
} from '../../src-contract/index.ts';
import { ArchonError } from '../errors.ts';
import { isConfigName } from './config-file.ts';
import type { ConfigName } from './config-schema.ts';
import { keyDefinition } from './describe-key.ts';

/** Entries kept of an organisation, and of a computer; of more the oldest are forgotten. */
export const KEPT_CHANGES = 2000;

/** Null: it had, or has, no own value. */
export interface ChangedValue {
  key: ConfigName;
  before: unknown;
  after: unknown;
}

const toldChange = z.object({ key: z.string(), before: settingValue, after: settingValue });
export type ToldChange = z.infer<typeof toldChange>;

/** An entry as both stores keep it. */
export const historyRecord = z.object({
  id: z.string(),
  at: z.string(),
  by_whom: z.string(),
  /** '' for those of the organisation and of the computer. */
  user_id: z.string(),
  changes: z.array(toldChange),
  undoes: z.string().nullable(),
  undone_by: z.string().nullable(),
});
export type HistoryRecord = z.infer<typeof historyRecord>;

/** Of secrets, only whether they were set. */
export function toldChanges(changed: readonly ChangedValue[]): ToldChange[] {
  return changed.map(({ key, before, after }) => ({ key, before: told(key, before), after: told(key, after) }));
}

export function told(key: ConfigName, value: unknown): SettingValue {
  return keyDefinition(key).secret ? value !== null && value !== undefined : settingValue.parse(value ?? null);
}

export function presentEntry(scope: 'device' | 'org', record: HistoryRecord): SettingsHistoryEntry {
  const { id, at, by_whom, user_id, changes, undoes, undone_by } = record;
  return {
    id,
    at,
    by: by_whom,
    scope: scope === 'org' && user_id !== '' ? 'user' : scope,
    user_id: user_id === '' ? null : user_id,
    changes: changes.map((change) => ({ ...change, ...wordsOf(change.key) })),
    undoes,
    undone_by,
  };
}

/** A key may have gone since. */
function wordsOf(key: string): { title: string; secret: boolean } {
  if (!isConfigName(key)) return { title: key, secret: false };
  const { title, secret } = keyDefinition(key);
  return { title, secret };
}

/** Of a secret that is set nobody knows whether it is the one that was. */
export function isToldChange(key: ConfigName, after: SettingValue, now: SettingValue): boolean {
  const wanted = keyDefinition(key).secret && after === null ? false : after;
  return isDeepStrictEqual(wanted, now);
}

/** Names what is set; `stored` is null when nothing is. */
export function revisionOf(key: string, stored: unknown): string {
  return createHash('sha256')
    .update(`${key} ${JSON.stringify(stored ?? null)}`)
    .digest('base64url')
    .slice(0, 22);
}

export function settingsConflict(conflicts: readonly SettingConflict[]): ArchonError {
  const keys = conflicts.map(({ key }) => key).join(', ');
  return new ArchonError('SETTINGS_CONFLICT', `Changed by somebody else meanwhile: ${keys}. Nothing was changed.`, {
    data: { conflicts },
  });
}
