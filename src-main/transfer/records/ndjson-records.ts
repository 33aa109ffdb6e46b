/**
 * Reads one JSON text per line (NDJSON, JSON Lines), a line at a time.
 *
 * Our own code because the line readers at hand give no byte offsets to resume from, put no bound on a line, and end
 * at the first bad one.
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

const NEWLINE = 0x0a;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

export interface NdjsonOptions extends Partial<RecordLimits> {
  from?: RecordPosition;
}

/**
 * The records of a file in lines; blank lines are passed over.
 *
 * `chunks` begin at `from.offset`. Lines end with LF or CRLF; the last may lack its end; a byte order mark is skipped.
 */
export async function* ndjsonRecords(
  chunks: AsyncIterable<Buffer>,
  options: NdjsonOptions = {},
): AsyncGenerator<RecordEvent> {
  const { from = START, ...limits } = options;
  const lines = new LineSplitter(from, { ...RECORD_LIMITS, ...limits });
  for await (const chunk of chunks) yield* lines.push(chunk);
  yield* lines.finish();
}

class LineSplitter {
  #position: RecordPosition;
  readonly #limits: RecordLimits;
  /** Pieces of the line that is not complete yet. */
  #pieces: Buffer[] = [];
  #length = 0;
  /** The line was found too long: its bytes are counted, not kept. */
  #dropping = false;

  constructor(from: RecordPosition, limits: RecordLimits) {
    this.#position = { ...from };
    this.#limits = limits;
  }

  *push(chunk: Buffer): Generator<RecordEvent> {
    let begin = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, begin)) {
      this.#collect(chunk.subarray(begin, end));
      yield* this.#line(1);
      begin = end + 1;
    }
    this.#collect(chunk.subarray(begin));
  }

  *finish(): Generator<RecordEvent> {
    if (this.#length > 0) yield* this.#line(0);
  }

  #collect(piece: Buffer): void {
    this.#length += piece.length;
    if (this.#length > this.#limits.max_record_bytes) {
      this.#dropping = true;
      this.#pieces = [];
    }
    if (!this.#dropping && piece.length > 0) this.#pieces.push(piece);
  }

  /** Ends the line; `newline` is how many bytes its end has. */
  *#line(newline: 0 | 1): Generator<RecordEvent> {
    const start = this.#position;
    const number = start.records + 1;
    const next = { offset: start.offset + this.#length + newline, line: start.line + newline };
    const dropped = this.#dropping;
    let bytes = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#length = 0;
    this.#dropping = false;
    if (start.offset === 0 && bytes.subarray(0, 3).equals(BOM)) bytes = bytes.subarray(3);
    const read = dropped ? { fault: tooLarge(this.#limits) } : readableText(bytes, this.#limits);
    if ('fault' in read) {
      this.#position = { ...next, records: number };
      yield { kind: 'fault', number, line: start.line, message: read.fault, end: this.#position };
      return;
    }
    const { text, repaired } = read;
    if (text.trim() === '') {
      this.#position = { ...next, records: start.records };
      return;
    }
    this.#position = { ...next, records: number };
    yield { kind: 'record', number, line: start.line, text, repaired, start, end: this.#position };
  }
}
