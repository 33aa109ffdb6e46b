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

/**
 * Largest record by default, in bytes.
 *
 * The text of a record is held in memory to be parsed, and V8 cannot hold a string of more than about 512 MiB.
 */
export const MAX_RECORD_BYTES = 256 * 1024 * 1024;

export function tooLarge(max_bytes: number): string {
  return `the record is larger than ${max_bytes} bytes, the most that is read; it was left out`;
}

/** Bytes as text; what is not UTF-8 becomes U+FFFD. */
export function decodeUtf8(bytes: Buffer): { text: string; repaired: boolean } {
  return { text: bytes.toString('utf8'), repaired: !isUtf8(bytes) };
}
