/** JSON schema of the configuration file, for editors. */
import { z } from 'zod';
import type { JsonObject } from '../../src-contract/index.ts';
import type { ConfigName } from './config-schema.ts';
import { CONFIG_NAMES, keyDefinition } from './describe-key.ts';

interface Group {
  type: 'object';
  properties: Record<string, JsonObject | Group>;
}

/** Keys may be written with dots or nested; others are kept, and told of at the start. */
export function settingsSchema(): JsonObject {
  const root: Group = { type: 'object', properties: { $schema: { type: 'string' } } };
  for (const name of CONFIG_NAMES.filter((each) => each !== 'data_dir')) {
    root.properties[name] = schemaOf(name);
    nest(root, name.split('.'), name);
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of Archon',
    ...(root as unknown as JsonObject),
  };
}

function nest(group: Group, [head = '', ...rest]: readonly string[], name: ConfigName): void {
  if (rest.length === 0) {
    group.properties[head] = schemaOf(name);
    return;
  }
  const found = group.properties[head];
  const inner: Group = isGroup(found) ? found : { type: 'object', properties: {} };
  group.properties[head] = inner;
  nest(inner, rest, name);
}

const isGroup = (value: JsonObject | Group | undefined): value is Group =>
  value?.type === 'object' && 'properties' in value;

function schemaOf(name: ConfigName): JsonObject {
  const { schema, title, help, default: fallback, secret } = keyDefinition(name);
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonObject;
  const words = { title, description: help, ...(secret ? { writeOnly: true } : {}) };
  return { ...rest, ...words, default: fallback as JsonObject[string] };
}
