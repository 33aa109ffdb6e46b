/** Building blocks of every schema: text that PostgreSQL can hold, bounded JSON, ids, times, pages. */
import { z } from 'zod';
import { boundedList } from './bounded-list.ts';

/** Longest text of one message or memory, in UTF-16 units: 4 MiB, under the default request limit of 5 MB. */
export const MAX_TEXT_LENGTH = 4 * 1024 * 1024;
/** Keys that JavaScript gives a meaning of its own: refused in data, so that no merge can pollute a prototype. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const MAX_JSON_DEPTH = 32;
const MAX_JSON_NODES = 20_000;
/** Clocks of agents on other machines drift; a time up to this far ahead is taken as now. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** Why a text cannot be stored, or undefined: PostgreSQL refuses NUL, UTF-8 cannot hold a lone surrogate. */
function textFault(text: string): string | undefined {
  if (text.includes('\u0000')) return 'must not contain the NUL character (\\u0000)';
  if (!text.isWellFormed()) return 'must be well-formed Unicode (it holds a lone surrogate)';
  return undefined;
}

export function storableText(schema: z.ZodString) {
  return schema.superRefine((value, context) => {
    const fault = textFault(value);
    if (fault) context.addIssue({ code: 'custom', message: fault });
  });
}

/** Content text: any length from 1 to {@link MAX_TEXT_LENGTH}. */
export const contentText = storableText(z.string().min(1).max(MAX_TEXT_LENGTH));
/** A search query; an empty one is allowed and finds nothing. */
export const queryText = storableText(z.string().max(MAX_TEXT_LENGTH));
/** Part of a text or name to look for. */
export const partOfText = storableText(z.string().max(1000));
/** A short label such as a title, 1–500 characters. */
export const labelText = storableText(z.string().trim().min(1).max(500));
export const fileName = storableText(z.string().min(1).max(255));
export const filePath = storableText(z.string().min(1).max(4096));
/** A tag: 1–100 characters. */
export const tag = storableText(z.string().trim().min(1).max(100));
export const tags = boundedList(tag, 10_000).transform((list) => [...new Set(list)]);
/** Ids chosen by agents (users, sessions): 1–200 characters without spaces around them or control characters. */
const externalId = storableText(
  z
    .string()
    .min(1)
    .max(200)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here.
    .regex(/^[^\u0000-\u001f\u007f]+$/u, 'must not contain control characters')
    .refine((value) => value === value.trim(), 'must not start or end with a space')
    .refine(
      (value) => value !== '.' && value !== '..',
      'must not be "." or "..": no URL can hold it as part of a path',
    ),
);
export const userId = externalId.describe('Whose memory it is, as the agent names the user.');
export const sessionId = externalId.describe('One conversation; made by Archon when not given.');
export const memoryId = z
  .uuid()
  .transform((id) => id.toLowerCase())
  .describe('UUIDv7 made by Archon.');
/** A message's id: chosen by the agent (appending it twice adds nothing), or a UUIDv7 made by Archon. */
export const messageId = externalId;
/** How long a key counts, in ms. */
export const IDEMPOTENCY_KEY_VALID_MS = 24 * 3600_000;
export const idempotencyKey = externalId
  .optional()
  .describe('A write repeated with the same key within 24 hours takes effect once and gets the first answer.');

/** A point in time, ISO 8601 with offset; answers are always UTC with milliseconds. */
export const timestamp = z.iso
  .datetime({ offset: true })
  .transform((value) => new Date(value).toISOString())
  .refine((value) => /^\d{4}-/.test(value) && !value.startsWith('0000-'), {
    message: 'must lie in the years 0001 to 9999',
  });
/** A time that cannot lie ahead: when something was said, written, or true. */
export const pastTimestamp = timestamp.refine((value) => Date.parse(value) <= Date.now() + CLOCK_SKEW_MS, {
  message: 'must not lie in the future',
});
/** Times in answers: already normalised. */
export const instant = z.iso.datetime();

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** An array or object on the way from the root. */
interface Container {
  value: object;
  parent: Container | undefined;
  key: string | number;
  depth: number;
}
type Path = (string | number)[];

function pathOf(parent: Container | undefined, key?: string | number): Path {
  const path: Path = key === undefined ? [] : [key];
  for (let at = parent; at?.parent; at = at.parent) path.unshift(at.key);
  return path;
}

/**
 * First thing wrong with a JSON value as [path, message], or undefined.
 *
 * Values are counted before they are looked at, and only arrays and objects wait on the stack: what is too large costs
 * no more than what is allowed.
 */
function jsonFault(root: object): { path: Path; message: string } | undefined {
  const stack: Container[] = [{ value: root, parent: undefined, key: '', depth: 0 }];
  let nodes = 1;
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { value, depth } = next;
    const keys = Array.isArray(value) ? undefined : Object.keys(value);
    const length = keys?.length ?? (value as unknown[]).length;
    nodes += length;
    if (nodes > MAX_JSON_NODES) return { path: [], message: `must hold at most ${MAX_JSON_NODES} values` };
    for (let index = 0; index < length; index += 1) {
      const key = keys?.[index] ?? index;
      if (typeof key === 'string') {
        if (FORBIDDEN_KEYS.has(key)) return { path: pathOf(next, key), message: `the key "${key}" is not allowed` };
        const fault = textFault(key);
        if (fault) return { path: pathOf(next), message: `a key ${fault}` };
      }
      if (depth >= MAX_JSON_DEPTH) {
        return { path: pathOf(next, key), message: `must not nest deeper than ${MAX_JSON_DEPTH} levels` };
      }
      const member: unknown = (value as Record<string | number, unknown>)[key];
      if (typeof member === 'object' && member !== null) {
        stack.push({ value: member, parent: next, key, depth: depth + 1 });
        continue;
      }
      const fault = scalarFault(member);
      if (fault) return { path: pathOf(next, key), message: fault };
    }
  }
  return undefined;
}

function scalarFault(value: unknown): string | undefined {
  if (typeof value === 'string') return textFault(value);
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'must be a finite number';
  if (typeof value === 'boolean' || value === null) return undefined;
  return 'must be JSON (string, number, boolean, null, array or object)';
}

function refuseFault(value: object, context: { addIssue(issue: z.core.$ZodRawIssue<z.core.$ZodIssueCustom>): void }) {
  const fault = jsonFault(value);
  if (fault) context.addIssue({ code: 'custom', path: fault.path, message: fault.message, input: value });
}

/** An object of free JSON: at most 32 levels and 20,000 values, no key that can pollute a prototype. */
export const jsonObject: z.ZodType<JsonObject, JsonObject> = z
  .record(z.string(), z.unknown())
  .superRefine(refuseFault) as unknown as z.ZodType<JsonObject, JsonObject>;

/** Free JSON in an answer: it was checked on its way in. */
export const storedJson: z.ZodType<JsonObject> = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject>;

export type MemoryContent = JsonObject & { text: string };
/** Content of a memory: free JSON that always says in `text` what it is about. */
export const memoryContent: z.ZodType<MemoryContent, MemoryContent> = z
  .looseObject({ text: z.string().min(1).max(MAX_TEXT_LENGTH) })
  .superRefine(refuseFault)
  .describe('Free JSON; `text` says what the memory is about.') as unknown as z.ZodType<MemoryContent, MemoryContent>;
export const storedContent = z.looseObject({ text: z.string() }) as unknown as z.ZodType<MemoryContent>;

/** A number from 0 to 1. */
export const score = z.number().min(0).max(1);
export const tokenCount = z.int().min(0);

export const cursor = z
  .string()
  .min(1)
  .max(2000)
  .describe('`next_cursor` of the page before; omit for the first page.');
export const pageLimit = z.int().min(1).max(500).default(50);
/** One page of a list and the way to the next. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });

/** Whether a read counts as a use of what it reads. A person who looks passes false. */
export const trackAccess = z
  .boolean()
  .optional()
  .describe('False reads without counting as an access, for looking at what agents use; true by default.');
