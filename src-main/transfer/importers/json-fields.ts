/** Reads fields of foreign JSON: nothing about their types is known, and what is wrong is told by name. */
import { shortened } from '../conversations/storable-text.ts';

export type Fields = Record<string, unknown>;

/** A record that cannot be used, in words for the person who imports: which field and what is wrong with it. */
export class RecordProblem extends Error {
  override readonly name = 'RecordProblem';
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field's own value: never one that objects inherit, such as "constructor". */
export function field(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

/** How a value is called in a message. */
export function typeName(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `${/^[aeiou]/.test(typeof value) ? 'an' : 'a'} ${typeof value}`;
}

/** Of an unchecked text, how much a message tells. */
const MAX_SHOWN = 60;

/** An unchecked value in a message: texts by their beginning, all else by type, for JSON may be nested too deep to write. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(shortened(value, MAX_SHOWN)) : typeName(value);
}

/** A value that is none of those there are; the message lists them. */
export function notOneOf(name: string, value: unknown, known: Iterable<unknown>): RecordProblem {
  return new RecordProblem(`${name} must be one of ${[...known].join(', ')}, but is ${shown(value)}`);
}

/** What the value of a field stands for. */
export function requireKnown<T>(fields: Fields, key: string, meanings: ReadonlyMap<unknown, T>, name = key): T {
  const value = field(fields, key);
  const meaning = meanings.get(value);
  if (meaning === undefined) throw notOneOf(name, value, meanings.keys());
  return meaning;
}

export function requireFields(value: unknown, name: string): Fields {
  if (!isFields(value)) throw new RecordProblem(`${name} must be an object, but is ${typeName(value)}`);
  return value;
}

export function requireText(fields: Fields, key: string, name = key): string {
  const value = field(fields, key);
  if (typeof value !== 'string' || value === '') {
    throw new RecordProblem(`${name} must be a text, but is ${value === '' ? 'empty' : typeName(value)}`);
  }
  return value;
}

/** A text that may be missing or null, but nothing else. */
export function optionalText(fields: Fields, key: string, name = key): string | undefined {
  const value = field(fields, key);
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw new RecordProblem(`${name} must be a text, but is ${typeName(value)}`);
  return value;
}

/** A list that may be missing or null, but nothing else. */
export function optionalList(fields: Fields, key: string, name = key): readonly unknown[] {
  const value = field(fields, key);
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new RecordProblem(`${name} must be an array, but is ${typeName(value)}`);
  return value;
}
