/** Building blocks of every schema: text that PostgreSQL can hold, bounded JSON, ids, times, pages. */
import { z } from 'zod';

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

function storableText(schema: z.ZodString) {
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
export const tags = z
  .array(tag)
  .max(10_000)
  .transform((list) => [...new Set(list)]);
/** Ids chosen by agents (users, sessions): 1–200 characters without spaces around them or control characters. */
const externalId = storableText(
  z
    .string()
    .min(1)
    .max(200)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here.
    .regex(/^[^\u0000-\u001f\u007f]+$/u, 'must not contain control characters')
    .refine((value) => value === value.trim(), 'must not start or end with a space'),
);
export const userId = externalId.describe('Whose memory it is, as the agent names the user.');
export const sessionId = externalId.describe('One conversation; made by Archon when not given.');
export const memoryId = z
  .uuid()
  .transform((id) => id.toLowerCase())
  .describe('UUIDv7 made by Archon.');
/** A message's id: chosen by the agent (appending it twice adds nothing), or a UUIDv7 made by Archon. */
export const messageId = externalId;
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

/** First thing wrong with a JSON value as [path, message], or undefined. */
function jsonFault(root: unknown): { path: (string | number)[]; message: string } | undefined {
  const stack: { value: unknown; path: (string | number)[] }[] = [{ value: root, path: [] }];
  let nodes = 0;
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { value, path } = next;
    nodes += 1;
    if (nodes > MAX_JSON_NODES) return { path: [], message: `must hold at most ${MAX_JSON_NODES} values` };
    if (path.length > MAX_JSON_DEPTH) return { path, message: `must not nest deeper than ${MAX_JSON_DEPTH} levels` };
    if (typeof value === 'string') {
      const fault = textFault(value);
      if (fault) return { path, message: fault };
    } else if (typeof value === 'number') {
      if (!Number.isFinite(value)) return { path, message: 'must be a finite number' };
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) stack.push({ value: item, path: [...path, index] });
    } else if (typeof value === 'object' && value !== null) {
      for (const key of Object.keys(value)) {
        if (FORBIDDEN_KEYS.has(key)) return { path: [...path, key], message: `the key "${key}" is not allowed` };
        const fault = textFault(key);
        if (fault) return { path, message: `a key ${fault}` };
        stack.push({ value: (value as Record<string, unknown>)[key], path: [...path, key] });
      }
    } else if (typeof value !== 'boolean' && value !== null) {
      return { path, message: 'must be JSON (string, number, boolean, null, array or object)' };
    }
  }
  return undefined;
}

/** An object of free JSON: at most 32 levels and 20,000 values, no key that can pollute a prototype. */
export const jsonObject: z.ZodType<JsonObject, JsonObject> = z
  .record(z.string(), z.unknown())
  .superRefine((value, context) => {
    const fault = jsonFault(value);
    if (fault) context.addIssue({ code: 'custom', path: fault.path, message: fault.message });
  }) as unknown as z.ZodType<JsonObject, JsonObject>;

/** Free JSON in an answer: it was checked on its way in. */
export const storedJson: z.ZodType<JsonObject> = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject>;

/** Content of a memory: free JSON that always says in `text` what it is about. */
export const memoryContent = jsonObject
  .refine((value) => typeof value.text === 'string' && value.text.length > 0, {
    path: ['text'],
    message: 'content.text must be a non-empty string',
  })
  .refine((value) => typeof value.text !== 'string' || value.text.length <= MAX_TEXT_LENGTH, {
    path: ['text'],
    message: `content.text must have at most ${MAX_TEXT_LENGTH} characters`,
  })
  .transform((value) => value as MemoryContent);
export type MemoryContent = JsonObject & { text: string };
export const storedContent = storedJson as unknown as z.ZodType<MemoryContent>;

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
