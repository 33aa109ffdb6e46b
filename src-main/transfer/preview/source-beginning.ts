/** The first records of a source, whatever it is: bounded in bytes, records and time. */
import { jsonFault } from '../import-run.ts';
import type { RecordPlace } from '../importers/importer.ts';
import { isGzipFault } from '../records/gunzip.ts';
import { jsonArrayRecords } from '../records/json-array-records.ts';
import { ARRAY_PROPERTY, detectLayout } from '../records/layout.ts';
import { ndjsonRecords } from '../records/ndjson-records.ts';
import { type SourceFile, SourceReader } from '../records/source-file.ts';
import { yieldToEventLoop } from '../turns.ts';

/** Unpacked bytes that are read. */
export const BEGINNING_BYTES = 16 * 1024 * 1024;
/** Records that are looked at: many files begin with bookkeeping. */
const BEGINNING_RECORDS = 100;

export interface Beginning {
  /** `characters` is the length of a record's text. */
  records: { value: unknown; place: RecordPlace; characters: number }[];
  faults: { line: number | null; record: number | null; message: string }[];
  /** The source goes on after what was read. */
  cut: boolean;
}

/** Thrown through the readers, so that the piece of a record at the end is not taken for one. */
class EnoughRead extends Error {}

export async function readBeginning(source: SourceFile, signal: AbortSignal): Promise<Beginning> {
  const layout = await detectLayout(source, signal);
  const beginning: Beginning = { records: [], faults: [], cut: false };
  const bytes = firstBytes(new SourceReader(source, 0, signal).chunks());
  const bounds = { max_record_bytes: BEGINNING_BYTES };
  const events =
    layout === 'ndjson'
      ? ndjsonRecords(bytes, bounds)
      : jsonArrayRecords(bytes, { ...bounds, array_property: ARRAY_PROPERTY });
  try {
    for await (const event of events) {
      signal.throwIfAborted();
      if (event.kind === 'fault') {
        beginning.faults.push({ line: event.line, record: event.number, message: event.message });
      } else {
        const place = { line: event.line, record: event.number };
        try {
          const { text } = event;
          beginning.records.push({ value: JSON.parse(text) as unknown, place, characters: text.length });
        } catch (error) {
          beginning.faults.push({ ...place, message: jsonFault(error, event.text, event.line) });
        }
      }
      if (beginning.records.length + beginning.faults.length >= BEGINNING_RECORDS) throw new EnoughRead();
      await yieldToEventLoop();
    }
  } catch (error) {
    if (error instanceof EnoughRead) beginning.cut = true;
    else if (isGzipFault(error)) beginning.faults.push({ line: null, record: null, message: DAMAGED });
    else throw error;
  }
  signal.throwIfAborted();
  return beginning;
}

export const DAMAGED = 'the packed file is damaged or cut off here; what stands before can be imported';

async function* firstBytes(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let left = BEGINNING_BYTES;
  for await (const chunk of chunks) {
    if (left <= 0) throw new EnoughRead();
    yield chunk.subarray(0, left);
    left -= chunk.length;
  }
}
