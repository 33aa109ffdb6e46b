/** Inputs that must be refused, made from a valid one and the schema of its route. */
import { z } from 'zod';
import type { Route } from '../../../../src-main/server/route-table.ts';
import { BEYOND_NUMBERS } from './http-input.ts';
import type { Sample } from './route-samples.ts';

export interface HostileInput {
  /** What was done to the valid input. */
  what: string;
  input: Sample;
  /** The field that was spoilt. */
  field: string;
}

interface JsonSchema {
  type?: string | string[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
}

type Path = (string | number)[];

/** Longer texts and lists are left to tests of their own: one of each would be sent for every field. */
const MAX_MADE_LENGTH = 5000;
/** Fields whose texts are compared or looked for, never stored or sent to a store as they are. */
const ANY_TEXT = new Set(['confirm']);

export function hostileInputs(route: Route, sample: Sample): HostileInput[] {
  const { inputSchema } = route.procedure['~orpc'];
  if (!(inputSchema instanceof z.ZodType)) return [];
  const schema = z.toJSONSchema(inputSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const isText = route.method === 'GET' || route.takesFile;
  const made: HostileInput[] = [];
  for (const { path, schema: node, value } of fields(schema, sample, [])) {
    for (const bad of badValues(node, value, path)) {
      if (isText && !survivesAsText(node, bad.value)) continue;
      if (isInPath(route, path) && !survivesInPath(bad.value)) continue;
      made.push({ what: `${show(path)} ${bad.what}`, input: withValue(sample, path, bad.value), field: show(path) });
    }
    for (const key of node.required ?? []) {
      const missing = [...path, key];
      if (isInPath(route, missing)) continue;
      made.push({ what: `${show(missing)} missing`, input: without(sample, missing), field: show(missing) });
    }
    if (node.additionalProperties === false) {
      for (const key of ['surprise', 'constructor', 'prototype']) {
        const unknown = [...path, key];
        made.push({ what: `unknown ${show(unknown)}`, input: withValue(sample, unknown, 'x'), field: show(unknown) });
      }
    }
  }
  return made;
}

/** The nodes of the sample with the part of the schema each belongs to. */
function* fields(
  schema: JsonSchema,
  value: unknown,
  path: Path,
): Generator<{ path: Path; schema: JsonSchema; value: unknown }> {
  // What a setting may be depends on its key: settings.test.ts tries it.
  if (value instanceof Blob || isAnyPlainValue(schema)) return;
  const node = branchFor(schema, value);
  yield { path, schema: { ...node, ...(acceptsNull(schema) ? { anyOf: [{ type: 'null' }] } : {}) }, value };
  if (Array.isArray(value)) {
    if (value.length > 0 && node.items) yield* fields(node.items, value[0], [...path, 0]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      const inner = node.properties?.[key];
      if (inner) yield* fields(inner, member, [...path, key]);
    }
  }
}

function branchFor(schema: JsonSchema, value: unknown): JsonSchema {
  const branches = schema.anyOf ?? schema.oneOf;
  if (!branches) return schema;
  const fits = (branch: JsonSchema) => {
    const kind = branch.properties?.kind?.const;
    if (kind !== undefined) return (value as { kind?: unknown }).kind === kind;
    if (branch.enum) return branch.enum.includes(value);
    if (branch.const !== undefined) return branch.const === value;
    return branch.type === (Array.isArray(value) ? 'array' : typeof value) || branch.type === 'integer';
  };
  return branches.find(fits) ?? {};
}

const isAnyPlainValue = ({ anyOf = [] }: JsonSchema): boolean =>
  ['boolean', 'number', 'string', 'array'].every((type) => anyOf.some((branch) => branch.type === type));

const acceptsNull = (schema: JsonSchema): boolean =>
  [schema.type].flat().includes('null') || (schema.anyOf ?? []).some((branch) => branch.type === 'null');

interface Bad {
  what: string;
  value: unknown;
}

function badValues(schema: JsonSchema, value: unknown, path: Path): Bad[] {
  if (path.length === 0) return [];
  const bad: Bad[] = [];
  const add = (what: string, made: unknown) => bad.push({ what, value: made });
  if (!acceptsNull(schema)) add('null', null);
  if (typeof value === 'string') {
    for (const wrong of [42, true, [], {}, ['x'], { $gt: '' }]) add(`of another type: ${JSON.stringify(wrong)}`, wrong);
    if (!ANY_TEXT.has(String(path.at(-1)))) {
      add('with NUL', `a\u0000b`);
      add('with a lone surrogate', 'a\ud800b');
    }
    if (schema.minLength !== undefined || schema.enum || schema.format) add('empty', '');
    if (schema.enum || schema.const !== undefined) add('not one of the choices', "action'; DROP TABLE archon_orgs; --");
    if (schema.format === 'uuid') add('no UUID', "1' OR '1'='1");
    if (schema.format === 'date-time') {
      add('no time', 'tomorrow');
      add('an impossible time', '2026-02-30T25:61:00Z');
    }
    if (schema.maxLength !== undefined && schema.maxLength <= MAX_MADE_LENGTH)
      add('too long', 'x'.repeat(schema.maxLength + 1));
  } else if (typeof value === 'number') {
    for (const wrong of ['many', true, [], {}]) add(`of another type: ${JSON.stringify(wrong)}`, wrong);
    if (schema.minimum !== undefined) add('below the least', schema.minimum - 1);
    if (schema.maximum !== undefined) add('above the most', schema.maximum + 1);
    if (schema.type === 'integer') add('a fraction', value + 0.5);
    add('beyond numbers', BEYOND_NUMBERS);
  } else if (typeof value === 'boolean') {
    for (const wrong of ['perhaps', 2, [], {}]) add(`of another type: ${JSON.stringify(wrong)}`, wrong);
  } else if (Array.isArray(value)) {
    for (const wrong of [42, true, { a: 1 }, [[]], [null], [{}]])
      add(`of another type: ${JSON.stringify(wrong)}`, wrong);
    if ((schema.minItems ?? 0) > 0) add('empty', []);
    if (schema.maxItems !== undefined && schema.maxItems <= MAX_MADE_LENGTH) {
      add(
        'too many',
        Array.from({ length: schema.maxItems + 1 }, () => value[0]),
      );
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const wrong of [42, 'text', true, [], [{}]]) add(`of another type: ${JSON.stringify(wrong)}`, wrong);
    if (typeof schema.additionalProperties === 'object') bad.push(...badFreeJson(value));
  }
  return bad;
}

/** Free JSON takes everything but what would harm later. */
function badFreeJson(value: object): Bad[] {
  let deep: unknown = 'bottom';
  for (let level = 0; level < 40; level += 1) deep = { deep };
  return [
    { what: 'with __proto__', value: { ...value, ...JSON.parse('{"inner":{"__proto__":{"admin":true}}}') } },
    { what: 'that is __proto__', value: Object.assign(JSON.parse('{"__proto__":{"admin":true}}'), value) },
    { what: 'with constructor', value: { ...value, constructor: { prototype: { admin: true } } } },
    { what: 'with a key with NUL', value: { ...value, 'a\u0000b': 1 } },
    { what: 'with a lone surrogate inside', value: { ...value, list: [{ a: '\ud800' }] } },
    { what: 'with a number beyond numbers', value: { ...value, a: BEYOND_NUMBERS } },
    { what: 'too deep', value: { ...value, deep } },
    { what: 'too large', value: { ...value, list: Array.from({ length: 30_000 }, () => 0) } },
  ];
}

/** What a query string or form can say: texts, and members of objects and lists. */
function survivesAsText(schema: JsonSchema, bad: unknown): boolean {
  if (bad === BEYOND_NUMBERS) return true;
  // URLs and forms hold UTF-8, so what cannot be written never arrives.
  if (typeof bad === 'string') return bad.isWellFormed();
  if (typeof bad === 'number')
    return schema.type === 'number' || schema.type === 'integer' || schema.type === 'boolean';
  return typeof bad === 'object' && bad !== null && !Array.isArray(bad) && Object.keys(bad).length > 0;
}

/** An empty part makes another path, and only well-formed text can be written into a URL. */
const survivesInPath = (bad: unknown): boolean => typeof bad === 'string' && bad !== '' && bad.isWellFormed();

const isInPath = (route: Route, path: Path): boolean => path.length === 1 && route.path.includes(`{${path[0]}}`);

/** As an error names it: `messages[0].content`. */
function show(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

function withValue(sample: Sample, path: Path, value: unknown): Sample {
  return replaced(sample, path, () => value) as Sample;
}

function without(sample: Sample, path: Path): Sample {
  const key = path.at(-1);
  return replaced(sample, path.slice(0, -1), (parent) => {
    const { [String(key)]: _left, ...rest } = parent as Record<string, unknown>;
    return rest;
  }) as Sample;
}

function replaced(value: unknown, path: Path, change: (value: unknown) => unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return change(value);
  if (Array.isArray(value)) return value.map((item, index) => (index === first ? replaced(item, rest, change) : item));
  const object = value as Record<string, unknown>;
  return { ...object, [first]: replaced(object[first], rest, change) };
}
