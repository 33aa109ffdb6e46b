/** Reads a JSON file element by element: a top-level array, an object around one, or a single object. */
import { type JsonElementOptions, JsonElementSplitter } from './json-element-splitter.ts';
import type { RecordEvent } from './source-record.ts';

/** The elements of the array; `chunks` begin at `from.offset`. Only the element being read is held in memory. */
export async function* jsonArrayRecords(
  chunks: AsyncIterable<Buffer>,
  options: JsonElementOptions = {},
): AsyncGenerator<RecordEvent> {
  const splitter = new JsonElementSplitter(options);
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.finish();
}
