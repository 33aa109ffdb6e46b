/** One record of a file to import, as text, and where it stood. */
import { isUtf8 } from 'node:buffer';

/** Where reading goes on: the byte and line after what is done, and how many records came before. */
export interface RecordPosition {
  /** Bytes before this place, of the unpacked content. */
  offset: number;
  /** Line of this place, from 1. */
  line: number;
  /** Records before this place. */
  records: number;
  /** In JSON: the place is inside the top-level array, or inside the array that is a property of the top-level object. */
  within?: 'array' | 'property';
}

export const START: RecordPosition = { offset: 0, line: 1, records: 0 };

export type RecordEvent =
  | {
      kind: 'record';
      /** From 1, through the whole file. */
      number: number;
      /** Line it begins on, from 1. */
      line: number;
      text: string;
      /** Invalid UTF-8 was replaced by U+FFFD. */
      repaired: boolean;
      /** Where reading goes on to see this record again. */
      start: RecordPosition;
      /** Where reading goes on after it. */
      end: RecordPosition;
    }
  | {
      kind: 'fault';
      /** Null when the fault lies between records. */
      number: number | null;
      line: number;
      message: string;
      end: RecordPosition;
    };

/** What of a record is held in memory and parsed. A larger one is left out. */
export interface RecordLimits {
  max_record_bytes: number;
  /** Arrays, objects and what is in them; see {@link holdsMoreValues}. */
  max_record_values: number;
}

/**
 * The limits by default.
 *
 * 64 MiB of text hold the longest conversation we know of many times over. Bytes alone bound nothing: V8 takes up to 180
 * bytes for a value, however short (measured with Node 24), so that 64 MiB of "{}" take gigabytes. Three million values
 * take some 500 MB at worst; a ChatGPT conversation of 100,000 messages has some two million.
 */
export const RECORD_LIMITS: RecordLimits = { max_record_bytes: 64 * 1024 * 1024, max_record_values: 3_000_000 };

export function tooLarge({ max_record_bytes }: RecordLimits): string {
  return `the record is larger than ${max_record_bytes} bytes, the most that is read; it was left out`;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;

/**
 * Whether JSON holds more values than this: its commas and opening brackets outside of strings are counted. Of text that
 * is no JSON, at least what comes before the first fault counts, which is all a parser makes values of.
 */
export function holdsMoreValues(json: Buffer, max: number): boolean {
  // Every value takes a byte: most records need no counting.
  if (json.length <= max) return false;
  let values = 1;
  let in_string = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (in_string) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) in_string = false;
    } else if (byte === QUOTE) {
      in_string = true;
    } else if (byte === COMMA || byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      values += 1;
      if (values > max) return true;
    }
  }
  return false;
}

/** The record in these bytes as text, or why it is left out. */
export function readableText(
  bytes: Buffer,
  { max_record_values }: RecordLimits,
): { text: string; repaired: boolean } | { fault: string } {
  if (holdsMoreValues(bytes, max_record_values)) {
    return { fault: `the record holds more than ${max_record_values} values, the most that is read; it was left out` };
  }
  return decodeUtf8(bytes);
}

/** Bytes as text; what is not UTF-8 becomes U+FFFD. */
function decodeUtf8(bytes: Buffer): { text: string; repaired: boolean } {
  return { text: bytes.toString('utf8'), repaired: !isUtf8(bytes) };
}
