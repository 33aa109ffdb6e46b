/** Reads an archive through, to its manifest, and refuses it at the first thing that is not as it was written. */
import { type ArchonError, invalidField } from '../../errors.ts';
import { ImportStop } from '../importers/importer.ts';
import { field, isFields, notOneOf, RecordProblem } from '../importers/json-fields.ts';
import { isGzipFault } from '../records/gunzip.ts';
import { RecordReader } from '../records/layout.ts';
import type { SourceFile } from '../records/source-file.ts';
import { RECORD_LIMITS, type RecordEvent } from '../records/source-record.ts';
import { Turns } from '../turns.ts';
import { CLOCK_SKEW_MS, checkedRecord } from './archive-checks.ts';
import { ArchiveChecksums, type ArchiveTotals } from './archive-checksums.ts';
import { type ArchiveHeader, type ArchiveRecord, RECORD_TYPES } from './archive-format.ts';
import { firstDifference, isRecordType, readHeader, readManifest } from './archive-sink.ts';
import { TooDeepError } from './canonical-json.ts';

export interface ReadProgress {
  /** Of the file on disk. */
  bytes: number;
  records: number;
}

export class ArchiveReader {
  readonly #source: SourceFile;
  readonly #signal: AbortSignal;
  readonly #now_ms: number;
  readonly #checksums = new ArchiveChecksums();
  #header: ArchiveHeader | undefined;
  #manifest: ArchiveTotals | undefined;
  #progress: ReadProgress = { bytes: 0, records: 0 };

  /** @param options `now_ms`: nothing in an archive may come from after it */
  constructor(source: SourceFile, options: { signal: AbortSignal; now_ms: number }) {
    this.#source = source;
    this.#signal = options.signal;
    this.#now_ms = options.now_ms;
  }

  get progress(): Readonly<ReadProgress> {
    return this.#progress;
  }

  /** Known after the first record, and of an empty archive at the end. */
  get header(): ArchiveHeader {
    if (this.#header === undefined) throw new Error('the archive has not been read');
    return this.#header;
  }

  get totals(): ArchiveTotals {
    return this.#checksums.totals();
  }

  /** @throws ArchonError VALIDATION_FAILED with the line that is wrong; the signal's reason */
  async *records(): AsyncGenerator<ArchiveRecord> {
    const turns = new Turns();
    const reader = new RecordReader(this.#source, 'ndjson', { signal: this.#signal, ...RECORD_LIMITS });
    let line = 0;
    try {
      for await (const event of reader.records) {
        line = event.line;
        const record = this.#take(event);
        this.#progress = { bytes: reader.bytesRead, records: this.#progress.records + (record ? 1 : 0) };
        if (record) yield record;
        await turns.letOthersWork();
      }
    } catch (error) {
      throw this.#told(error, line);
    }
    this.#signal.throwIfAborted();
    this.#finish(line);
  }

  #take(event: RecordEvent): ArchiveRecord | undefined {
    if (event.kind === 'fault') throw new RecordProblem(event.message);
    const value = parsed(event.text);
    if (this.#header === undefined) {
      this.#header = readHeader(value);
      // A copy stands still at this time: in one of the future nothing would be alive.
      if (Date.parse(this.#header.created_at) > this.#now_ms + CLOCK_SKEW_MS) {
        throw new RecordProblem('created_at lies in the future');
      }
      return undefined;
    }
    if (this.#manifest !== undefined) throw new RecordProblem('a record stands after the manifest');
    const type = isFields(value) ? field(value, 'type') : undefined;
    if (type === 'manifest') {
      this.#manifest = readManifest(value);
      return undefined;
    }
    if (!isRecordType(type)) throw notOneOf('type', type, RECORD_TYPES);
    this.#checksums.add(type, value);
    return checkedRecord(value, this.#now_ms);
  }

  #finish(line: number): void {
    if (this.#header === undefined) throw this.#refused('is no Archon archive: its first line is not a header.');
    if (this.#manifest === undefined) {
      throw this.#refused(`ends after line ${line}, before its manifest: it was cut off. Get a complete copy of it.`);
    }
    const fault = firstDifference(this.#manifest, this.#checksums.totals());
    if (fault) throw this.#refused(`is not as it was written: ${fault}. Get an undamaged copy of it.`);
  }

  #told(error: unknown, line: number): unknown {
    if (error instanceof ImportStop) return this.#refused(`cannot be read: ${error.message}`);
    if (error instanceof RecordProblem || error instanceof TooDeepError) {
      return this.#refused(`is damaged in line ${line}: ${error.message}.`);
    }
    if (isGzipFault(error)) {
      const why = error instanceof Error ? error.message : String(error);
      return this.#refused(`is damaged or was cut off after line ${line} (gzip: ${why}). Get an undamaged copy of it.`);
    }
    return error;
  }

  #refused(what: string): ArchonError {
    return invalidField('source', `${this.#source.name} ${what}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RecordProblem(`malformed JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}
