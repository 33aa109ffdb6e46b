/**
 * Finds where the elements of a JSON array begin and end, over chunks of bytes, without parsing them.
 *
 * Our own code because streaming JSON parsers give neither line numbers nor a way on after a malformed element. Strings,
 * escapes and brackets are followed, so that one bad element costs that element: JSON allows no line end inside a
 * string, so a string that was never closed ends at the end of its line at the latest, and a bracket that closes an
 * outer one closes those left open inside it. UTF-8 needs no decoding for this: every byte of JSON's syntax is ASCII,
 * and no part of a longer character is.
 */
import {
  RECORD_LIMITS,
  type RecordEvent,
  type RecordLimits,
  type RecordPosition,
  readableText,
  START,
  tooLarge,
} from './source-record.ts';

/** Said of a record that was cut off. */
export const ENDS_INSIDE = 'the file ends in the middle of it';

const BOM = [0xef, 0xbb, 0xbf];
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const NEWLINE = 0x0a;
/** Deeper brackets are counted, not told apart: no export nests so, and parsing judges the record anyway. */
const MAX_TRACKED_DEPTH = 10_000;

const isSpace = (byte: number) => byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09;

export interface JsonElementOptions extends Partial<RecordLimits> {
  from?: RecordPosition;
  /** A top-level object with an array under this key stands for the array; any other object is one record. */
  array_property?: string;
}

/** The element being read. */
interface Element {
  start: RecordPosition;
  /** Began as an object or array; others end at the next comma, bracket or space. */
  container: boolean;
  in_string: boolean;
  escaped: boolean;
  depth: number;
}

type Phase = 'before' | 'between' | 'element' | 'after';
/** What a byte does to the element it was read in. */
type Step = 'inside' | 'ends here' | 'ended before' | 'left open' | 'is the object around the array';

export class JsonElementSplitter {
  readonly #limits: RecordLimits;
  readonly #property: Buffer | undefined;
  #phase: Phase;
  #offset: number;
  #line: number;
  #records: number;
  /** Undefined at the top level. */
  #within: RecordPosition['within'];
  #element: Element | undefined;
  /** Which brackets are open inside the element. */
  readonly #brackets = new Uint8Array(MAX_TRACKED_DEPTH);
  /** How many of those are arrays and objects, so that no search is made for a bracket that is not there. */
  #openArrays = 0;
  #openObjects = 0;
  /** Bytes of the element from the chunks before. */
  #pieces: Buffer[] = [];
  #length = 0;
  /** The element was found too large: its bytes are counted, not kept. */
  #dropping = false;
  /** The last string at the first level of a top-level object: where it begins in the element and, once read, what it says. */
  #key: { from: number; bytes?: Buffer; colon?: boolean } | undefined;

  constructor(options: JsonElementOptions = {}) {
    const { from = START, array_property, ...limits } = options;
    this.#limits = { ...RECORD_LIMITS, ...limits };
    this.#property = array_property === undefined ? undefined : Buffer.from(array_property);
    this.#phase = from.offset === 0 ? 'before' : 'between';
    this.#offset = from.offset;
    this.#line = from.line;
    this.#records = from.records;
    this.#within = from.within;
  }

  *push(chunk: Buffer): Generator<RecordEvent> {
    const base = this.#offset;
    /** Where in this chunk the element begins. */
    let begin = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      this.#offset = base + at;
      if (this.#element) {
        const step = this.#step(this.#element, byte, chunk, at, begin);
        if (step === 'inside') {
          if (byte === NEWLINE) this.#line += 1;
          else if (this.#element.in_string && !this.#element.escaped) at = lastPlainByte(chunk, at);
          continue;
        }
        if (step === 'ends here') this.#offset += 1;
        this.#collect(chunk.subarray(begin, step === 'ends here' ? at + 1 : at));
        if (step === 'is the object around the array') this.#enterProperty();
        else if (step === 'left open') yield this.#broken('a bracket is left open');
        else yield this.#whole();
        if (step === 'ends here' || step === 'is the object around the array') continue;
      }
      const fault = this.#outside(byte);
      if (fault) yield fault;
      if (this.#element) begin = at;
    }
    if (this.#element) this.#collect(chunk.subarray(begin));
    this.#offset = base + chunk.length;
  }

  *finish(): Generator<RecordEvent> {
    if (this.#element?.container) yield this.#broken(ENDS_INSIDE);
    else if (this.#element) yield this.#whole();
    else if (this.#phase === 'between' && this.#within)
      yield this.#faultBetween('the file ends before its array does: it may be cut off');
  }

  /** One byte between elements; it may begin one. */
  #outside(byte: number): RecordEvent | undefined {
    if (byte === NEWLINE) this.#line += 1;
    if (isSpace(byte)) return undefined;
    if (this.#phase === 'after') {
      // A stray "]" inside a record ends the array too early. JSON has no comma after its end, so one means more.
      if (byte === COMMA && this.#within === 'array') this.#phase = 'between';
    } else if (this.#phase === 'before' && this.#offset < BOM.length && byte === BOM[this.#offset]) {
      return undefined;
    } else if (this.#phase === 'before' && byte === OPEN_ARRAY) {
      this.#within = 'array';
      this.#phase = 'between';
    } else if (this.#within && byte === CLOSE_ARRAY) {
      this.#phase = 'after';
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || byte === COLON) {
      return this.#faultBetween(`"${String.fromCharCode(byte)}" does not belong between two records`);
    } else if (byte !== COMMA) {
      this.#beginElement(byte);
    }
    return undefined;
  }

  #beginElement(byte: number): void {
    const element: Element = {
      start: this.#position(),
      container: byte === OPEN_OBJECT || byte === OPEN_ARRAY,
      in_string: byte === QUOTE,
      escaped: false,
      depth: 0,
    };
    this.#records += 1;
    this.#phase = 'element';
    this.#element = element;
    this.#openArrays = 0;
    this.#openObjects = 0;
    if (element.container) this.#openBracket(element, byte);
  }

  #step(element: Element, byte: number, chunk: Buffer, at: number, begin: number): Step {
    if (element.in_string) {
      if (element.escaped) element.escaped = false;
      else if (byte === BACKSLASH) element.escaped = true;
      else if (byte === NEWLINE) element.in_string = false;
      else if (byte === QUOTE) {
        element.in_string = false;
        this.#endKey(chunk, at, begin);
      }
      return 'inside';
    }
    switch (byte) {
      case QUOTE:
        element.in_string = true;
        this.#beginKey(element, this.#length + at - begin + 1);
        return 'inside';
      case COLON:
        if (this.#key?.bytes) this.#key.colon = true;
        return 'inside';
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (byte === OPEN_ARRAY && this.#isWantedArray()) return 'is the object around the array';
        this.#openBracket(element, byte);
        return 'inside';
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        if (!element.container) return 'ended before';
        if (this.#closeBracket(element, byte === CLOSE_ARRAY ? OPEN_ARRAY : OPEN_OBJECT)) {
          return element.depth === 0 ? 'ends here' : 'inside';
        }
        // A "]" that closes nothing of this element closes the array around it; a stray "}" is the parser's to tell.
        return byte === CLOSE_ARRAY && this.#within ? 'left open' : 'inside';
      case COMMA:
        this.#key = undefined;
        return element.container ? 'inside' : 'ended before';
      default:
        return !element.container && isSpace(byte) ? 'ended before' : 'inside';
    }
  }

  #openBracket(element: Element, bracket: number): void {
    this.#key = undefined;
    if (element.depth < MAX_TRACKED_DEPTH) {
      this.#brackets[element.depth] = bracket;
      this.#countOpen(bracket, 1);
    }
    element.depth += 1;
  }

  /** Closes the innermost such bracket and whatever was left open inside it; false when none is open. */
  #closeBracket(element: Element, bracket: number): boolean {
    if (element.depth > MAX_TRACKED_DEPTH) {
      element.depth -= 1;
      return true;
    }
    if ((bracket === OPEN_ARRAY ? this.#openArrays : this.#openObjects) === 0) return false;
    let closed: number | undefined;
    while (closed !== bracket && element.depth > 0) {
      element.depth -= 1;
      closed = this.#brackets[element.depth] as number;
      this.#countOpen(closed, -1);
    }
    return true;
  }

  #countOpen(bracket: number, change: 1 | -1): void {
    if (bracket === OPEN_ARRAY) this.#openArrays += change;
    else this.#openObjects += change;
  }

  #beginKey(element: Element, from: number): void {
    this.#key = this.#property && !this.#within && element.depth === 1 ? { from } : undefined;
  }

  #endKey(chunk: Buffer, at: number, begin: number): void {
    const key = this.#key;
    if (key === undefined || key.bytes) return;
    const length = this.#length + at - begin - key.from;
    // Only a string as long as the wanted key is looked at, so that no long value is copied.
    if (length !== this.#property?.length || this.#dropping) this.#key = undefined;
    else key.bytes = this.#lastBytes(length, chunk.subarray(begin, at));
  }

  /** The last bytes of the element up to the end of `rest`, its part in this chunk. Nothing before them is copied. */
  #lastBytes(length: number, rest: Buffer): Buffer {
    const parts = [rest.subarray(Math.max(0, rest.length - length))];
    let missing = length - Math.min(length, rest.length);
    for (let index = this.#pieces.length - 1; missing > 0 && index >= 0; index -= 1) {
      const piece = this.#pieces[index] as Buffer;
      const part = piece.subarray(Math.max(0, piece.length - missing));
      parts.unshift(part);
      missing -= part.length;
    }
    return Buffer.concat(parts, length);
  }

  #isWantedArray(): boolean {
    if (!this.#property || !this.#key?.bytes || !this.#key.colon) return false;
    return this.#key.bytes.equals(this.#property);
  }

  /** What looked like a record is the object around the array. */
  #enterProperty(): void {
    this.#take();
    this.#records -= 1;
    this.#within = 'property';
  }

  #collect(piece: Buffer): void {
    this.#length += piece.length;
    if (this.#length > this.#limits.max_record_bytes) {
      this.#dropping = true;
      this.#pieces = [];
    }
    if (!this.#dropping && piece.length > 0) this.#pieces.push(piece);
  }

  #take(): { start: RecordPosition; bytes: Buffer; dropped: boolean } {
    const { start } = this.#element as Element;
    const bytes = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    const dropped = this.#dropping;
    this.#pieces = [];
    this.#length = 0;
    this.#dropping = false;
    this.#element = undefined;
    this.#key = undefined;
    this.#phase = 'between';
    return { start, bytes, dropped };
  }

  #whole(): RecordEvent {
    const { start, bytes, dropped } = this.#take();
    const place = { number: this.#records, line: start.line, end: this.#position() };
    const read = dropped ? { fault: tooLarge(this.#limits) } : readableText(bytes, this.#limits);
    if ('fault' in read) return { kind: 'fault', ...place, message: read.fault };
    return { kind: 'record', ...place, ...read, start };
  }

  #broken(why: string): RecordEvent {
    const { start } = this.#take();
    const until = this.#line > start.line ? ` (lines ${start.line} to ${this.#line})` : '';
    const message = `the record is not complete: ${why}${until}`;
    return { kind: 'fault', number: this.#records, line: start.line, message, end: this.#position() };
  }

  #faultBetween(message: string): RecordEvent {
    return { kind: 'fault', number: null, line: this.#line, message, end: this.#position() };
  }

  #position(): RecordPosition {
    const position = { offset: this.#offset, line: this.#line, records: this.#records };
    return this.#within ? { ...position, within: this.#within } : position;
  }
}

/** Of the plain bytes of a string that follow, the last; most of a file is passed over here. */
function lastPlainByte(chunk: Buffer, at: number): number {
  let next = at + 1;
  while (next < chunk.length) {
    const byte = chunk[next];
    if (byte === QUOTE || byte === BACKSLASH || byte === NEWLINE) break;
    next += 1;
  }
  return next - 1;
}
