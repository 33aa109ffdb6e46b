/** Finds out what a file is by its content: names and endings say little. */
import type { ImportKind } from '../../src-contract/index.ts';
import { looksLikeArchive } from './archive/archive-sink.ts';
import { type Importer, ImportStop } from './importers/importer.ts';
import { importerOf, recognise, supportedKinds } from './importers/registry.ts';
import { isGzipFault } from './records/gunzip.ts';
import { type Layout, RecordReader } from './records/layout.ts';
import { ndjsonRecords } from './records/ndjson-records.ts';
import { type SourceFile, SourceReader } from './records/source-file.ts';
import type { RecordLimits } from './records/source-record.ts';

/** Records that are looked at, and the text after which no further one is. */
const SAMPLE_RECORDS = 50;
const SAMPLE_CHARACTERS = 4 * 1024 * 1024;

/** What the beginning of a file holds. */
export interface Sample {
  /** The first records that can be parsed. */
  records: unknown[];
  /** Why the first of those could not be read that were left out. */
  fault?: { line: number; message: string };
}

/** Reads as much of a file as shows what kind it is. */
export async function sampleRecords(
  source: SourceFile,
  layout: Layout,
  options: { signal: AbortSignal } & RecordLimits,
): Promise<Sample> {
  const sample: Sample = { records: [] };
  let characters = 0;
  try {
    for await (const event of new RecordReader(source, layout, options).records) {
      if (event.kind === 'fault') {
        sample.fault ??= { line: event.line, message: event.message };
        continue;
      }
      characters += event.text.length;
      const value = parsed(event.text);
      if (value !== undefined) sample.records.push(value);
      if (sample.records.length >= SAMPLE_RECORDS || characters >= SAMPLE_CHARACTERS) break;
    }
  } catch (error) {
    // The import itself tells of a damaged file, after what it can unpack.
    if (!isGzipFault(error)) throw error;
  }
  return sample;
}

/** Undefined for what is no JSON: the import itself tells of it, with its line. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * The importer for a file.
 *
 * @throws ImportStop when the file is of no kind we know, or plainly of another kind than it was said to be
 */
export function chooseImporter(name: string, format: ImportKind | 'auto', { records, fault }: Sample): Importer {
  const recognised = recognise(records);
  if (format === 'auto') {
    if (recognised) return recognised;
    // Of a file with a single record this is all there is to tell.
    const why = records.length === 0 && fault ? ` (line ${fault.line}: ${fault.message})` : '';
    throw new ImportStop(`${name} is nothing Archon can import${why}. It imports: ${supportedKinds()}.`, {
      resumable: false,
    });
  }
  const wanted = importerOf(format);
  if (recognised && recognised !== wanted && wanted.sniff(records) === 0) {
    throw new ImportStop(
      `${name} is no file of kind ${format}: it looks like ${recognised.kind} (${recognised.title}). Import it as ${recognised.kind} or auto.`,
      { resumable: false },
    );
  }
  return wanted;
}

/** The longest header line of an archive, in bytes. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Looks at no more than the beginning: whether a file is an Archon archive. */
export async function holdsArchive(source: SourceFile): Promise<boolean> {
  const signal = new AbortController().signal;
  try {
    const beginning = upTo(MAX_HEADER_BYTES, new SourceReader(source, 0, signal).chunks());
    for await (const event of ndjsonRecords(beginning)) {
      return event.kind === 'record' && looksLikeArchive([parsed(event.text)]);
    }
  } catch (error) {
    if (!isGzipFault(error)) throw error;
  }
  return false;
}

/** The first bytes, and no more chunks than they take: a file may have no line end at all. */
async function* upTo(bytes: number, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}
