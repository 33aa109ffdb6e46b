/** What the documentation, the command line and error messages say about a configuration key. */
import { z } from 'zod';
import { CONFIG_KEYS, type ConfigKey, type ConfigName } from './config-schema.ts';

export const CONFIG_NAMES = Object.keys(CONFIG_KEYS) as ConfigName[];

/** The definition of a key, its type forgotten. */
export function keyDefinition(name: ConfigName): ConfigKey {
  return CONFIG_KEYS[name];
}

/** The flag of a key: `server.port` is `--server-port`. */
export function flagName(name: ConfigName): string {
  return `--${name.replaceAll(/[._]/g, '-')}`;
}

/** Keys that are settings: people change them while Archon runs. */
export const isSetting = (name: ConfigName): boolean => keyDefinition(name).section !== null;

export const SETTING_NAMES = CONFIG_NAMES.filter(isSetting);

/** True for keys whose value is the path of a file or folder: relative ones are resolved where they are written. */
export function isPathKey(name: ConfigName): boolean {
  return name === 'data_dir' || name.endsWith('_file');
}

interface JsonSchema {
  description?: string;
  type?: string | string[];
  enum?: unknown[];
  anyOf?: JsonSchema[];
  pattern?: string;
}

/** What a key takes, in words that follow "must be". */
export function allowedValues(name: ConfigName): string {
  const definition = keyDefinition(name);
  const schema = z.toJSONSchema(definition.schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  if (schema.description !== undefined) return schema.description;
  const { kind } = definition;
  if (kind.kind === 'number') {
    return `a ${kind.integer ? 'whole ' : ''}number from ${kind.min} to ${kind.max}`;
  }
  const kinds = schema.anyOf?.map((option) => option.type) ?? [];
  if (kinds.includes('boolean')) return 'true or false';
  if (kind.kind === 'list') return listRule(definition, kind.item);
  if (schema.enum) return `one of ${schema.enum.join(', ')}`;
  if (schema.pattern) return `text that matches ${schema.pattern}`;
  if (isPathKey(name)) return 'a path';
  if (/[._]url$/.test(name)) return urlRule(definition);
  if (kind.kind === 'text' && kind.format === 'email') return 'an e-mail address';
  return 'text';
}

/** A list of checked items says itself what they are. */
function listRule({ schema }: ConfigKey, item: string): string {
  const refused = schema.safeParse([' ']).error?.issues.find(({ code }) => code === 'custom');
  return refused?.message.replace(/^must be /, '') ?? `a list (each item: ${item}), in text written with commas`;
}

/** A URL key says itself which protocols it takes. */
function urlRule(definition: ConfigKey): string {
  const refused = definition.schema.safeParse('');
  return refused.error?.issues[0]?.message.replace(/^must be /, '') ?? 'a URL';
}

/** A value as people write it; a secret one is never shown. */
export function shownValue(name: ConfigName, value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (keyDefinition(name).secret) return '********';
  return Array.isArray(value) ? value.join(',') : String(value);
}
