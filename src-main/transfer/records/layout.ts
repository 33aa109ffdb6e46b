/** How a file is divided into records: one JSON text per line, or one JSON text with records inside. */
import { isGzipFault } from './gunzip.ts';
import { jsonArrayRecords } from './json-array-records.ts';
import { ndjsonRecords } from './ndjson-records.ts';
import { type SourceFile, SourceReader } from './source-file.ts';
import { type RecordEvent, type RecordLimits, type RecordPosition, START } from './source-record.ts';

export const LAYOUTS = ['json', 'ndjson'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** An export that is an object holds its conversations under this key. */
export const ARRAY_PROPERTY = 'conversations';
/** The most that is read to find the layout; a first line longer than this is taken for a line. */
const SAMPLE_BYTES = 8 * 1024 * 1024;
const OBJECT_AROUND_ARRAY = new RegExp(`^\\s*\\{.*"${ARRAY_PROPERTY}"\\s*:\\s*\\[`);
/** Lines that may be broken before the first good one is found. */
const SAMPLE_LINES = 100;

/** One pass over the records of a file. */
export class RecordReader {
  readonly records: AsyncGenerator<RecordEvent>;
  readonly #bytes: SourceReader;

  constructor(
    source: SourceFile,
    layout: Layout,
    options: { from?: RecordPosition; signal: AbortSignal } & Partial<RecordLimits>,
  ) {
    const { signal, ...bounds } = options;
    this.#bytes = new SourceReader(source, (bounds.from ?? START).offset, signal);
    this.records =
      layout === 'ndjson'
        ? ndjsonRecords(this.#bytes.chunks(), bounds)
        : jsonArrayRecords(this.#bytes.chunks(), { ...bounds, array_property: ARRAY_PROPERTY });
  }

  /** Bytes of the file on disk read so far. */
  get bytesRead(): number {
    return this.#bytes.bytesRead;
  }
}

/**
 * Finds the layout by the beginning of the file.
 *
 * A line that begins with "{" and is JSON by itself makes a file of lines: pretty-printed JSON has nothing but a single
 * bracket at the start of a line. Looking at many lines keeps one broken first line from deciding.
 */
export async function detectLayout(source: SourceFile, signal: AbortSignal): Promise<Layout> {
  const sample = (await readSample(source, signal)).replace(/^\u00ef\u00bb\u00bf/, '').trimStart();
  if (sample.startsWith('[')) return 'json';
  const [first = '', ...others] = sample.split('\n', SAMPLE_LINES);
  const whole = parseObject(first);
  if (whole) return Array.isArray(whole[ARRAY_PROPERTY]) ? 'json' : 'ndjson';
  if (OBJECT_AROUND_ARRAY.test(first)) return 'json';
  const second = others[0];
  if (second === undefined || second.startsWith('{')) return 'ndjson';
  return others.some((line) => parseObject(line)) ? 'ndjson' : 'json';
}

async function readSample(source: SourceFile, signal: AbortSignal): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of new SourceReader(source, 0, signal).chunks()) {
      pieces.push(chunk);
      length += chunk.length;
      if (length >= SAMPLE_BYTES) break;
    }
  } catch (error) {
    // What can be unpacked of a damaged file is imported; the import tells of the damage when it gets there.
    if (!isGzipFault(error)) throw error;
  }
  // One character per byte: enough for JSON's syntax, and the length is that of the bytes.
  return Buffer.concat(pieces).toString('latin1');
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
