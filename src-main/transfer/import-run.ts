/** One import from its first record to its last, or to where it was stopped. */
import { z } from 'zod';
import type { ImportJob, ImportKind, JsonObject } from '../../src-contract/index.ts';
import type { Clock } from '../clock.ts';
import type { Scope } from '../identity/scope.ts';
import type { MemoryTransfer } from '../memory/memory-transfer.ts';
import type { SessionStore } from '../storage/sessions/session-store.ts';
import { shortened } from './conversations/storable-text.ts';
import type {
  BatchLimits,
  ImportContext,
  Importer,
  ImportReport,
  RecordPlace,
  RecordSink,
} from './importers/importer.ts';
import { RecordProblem } from './importers/json-fields.ts';
import { importerOf } from './importers/registry.ts';
import { chooseImporter, sampleRecords } from './recognise-source.ts';
import { isGzipFault } from './records/gunzip.ts';
import { detectLayout, LAYOUTS, type Layout, RecordReader } from './records/layout.ts';
import type { SourceFile } from './records/source-file.ts';
import type { RecordEvent, RecordLimits, RecordPosition } from './records/source-record.ts';
import { Turns } from './turns.ts';

/** Errors that a job keeps; all are counted. */
export const MAX_KEPT_ERRORS = 1000;
/** UTF-16 units of a kept error's message. */
export const MAX_ERROR_LENGTH = 500;
/** No record is shorter, in bytes: bounds how many a file can hold. */
const MIN_RECORD_BYTES = 16;
/** How much gzip packs text of conversations, at most. */
const MAX_GZIP_RATIO = 20;

/** What an import that goes on must know; `position` is where it does. */
export const importCheckpoint = z.object({
  position: z.object({
    offset: z.int().min(0),
    line: z.int().positive(),
    records: z.int().min(0),
    within: z.enum(['array', 'property']).optional(),
  }),
  layout: z.enum(LAYOUTS),
  state: z.record(z.string(), z.unknown()),
  added: z.record(z.string(), z.int().min(0)),
  already_there: z.record(z.string(), z.int().min(0)),
  error_count: z.int().min(0),
});
export type ImportCheckpoint = z.infer<typeof importCheckpoint>;

export interface ImportDeps {
  sessions: SessionStore;
  memory: MemoryTransfer;
  clock: Clock;
  /** The time sessions are written at: a copy keeps those that live at its moment as they are. */
  moment: Clock;
  countTokens(text: string): number;
  language: string;
  batch: BatchLimits;
  retry_delays_ms: readonly number[];
  checkpoint_every_ms: number;
  record_limits: RecordLimits;
}

export interface ImportRequest {
  scope: Scope;
  source: SourceFile;
  format: ImportKind | 'auto';
  user_id: string | null;
  resume: ImportCheckpoint | null;
}

export class ImportRun {
  readonly #deps: ImportDeps;
  readonly #request: ImportRequest;
  readonly #job: ImportJob;
  readonly #signal: AbortSignal;
  readonly #onProgress: () => void;
  #checkpoint: ImportCheckpoint | null;
  #checkpointAt_ms: number;
  readonly #turns = new Turns();
  warnings = 0;

  /** @param job is kept up to date while the import runs; `onProgress` is called after each record and checkpoint */
  constructor(
    deps: ImportDeps,
    request: ImportRequest,
    job: ImportJob,
    options: { signal: AbortSignal; onProgress: () => void },
  ) {
    this.#deps = deps;
    this.#request = request;
    this.#job = job;
    this.#signal = options.signal;
    this.#onProgress = options.onProgress;
    this.#checkpoint = request.resume;
    this.#checkpointAt_ms = deps.clock.now();
  }

  /** Where the import can go on, if anywhere. */
  get checkpoint(): ImportCheckpoint | null {
    return this.#checkpoint;
  }

  /** @throws ImportStop, the signal's reason, or what reading or storing threw */
  async run(): Promise<void> {
    const { source, resume } = this.#request;
    const signal = this.#signal;
    const layout = resume?.layout ?? (await detectLayout(source, signal));
    const importer = await this.#chooseImporter(layout);
    signal.throwIfAborted();
    this.#job.format = importer.kind;
    const sink = importer.open(this.#context(layout), resume?.state as JsonObject | undefined);
    const from = resume?.position as RecordPosition | undefined;
    const reader = this.#reader(layout, from);
    await this.#takeAll(reader, sink, layout);
    signal.throwIfAborted();
    await sink.finish();
    this.#job.progress.bytes_done = source.size;
    this.#checkpoint = null;
  }

  async #chooseImporter(layout: Layout): Promise<Importer> {
    const { source, format, resume } = this.#request;
    if (resume && this.#job.format !== null) return importerOf(this.#job.format);
    const bounds = { signal: this.#signal, ...this.#deps.record_limits };
    return chooseImporter(source.name, format, await sampleRecords(source, layout, bounds));
  }

  #reader(layout: Layout, from?: RecordPosition): RecordReader {
    const bounds = { signal: this.#signal, ...this.#deps.record_limits };
    return new RecordReader(this.#request.source, layout, from === undefined ? bounds : { ...bounds, from });
  }

  async #takeAll(reader: RecordReader, sink: RecordSink, layout: Layout): Promise<void> {
    try {
      for await (const event of reader.records) {
        // Between reading a large record and parsing it, for each takes its time.
        await this.#turns.letOthersWork();
        const characters = event.kind === 'record' ? event.text.length : 0;
        const value = event.kind === 'record' ? this.#parse(event) : this.#tell(event);
        if (this.#signal.aborted) {
          await this.#parkAt(event, value, sink, layout);
          return;
        }
        if (event.kind === 'record' && value !== undefined)
          await this.#take(event, { value, characters }, sink, layout);
        this.#advance(event.end, reader);
      }
    } catch (error) {
      // What stood before the damage of a packed file is kept.
      if (isGzipFault(error)) await sink.flush();
      throw error;
    }
  }

  async #take(
    event: Extract<RecordEvent, { kind: 'record' }>,
    { value, characters }: { value: unknown; characters: number },
    sink: RecordSink,
    layout: Layout,
  ): Promise<void> {
    const place = { line: event.line, record: event.number };
    const due = this.#deps.clock.now() - this.#checkpointAt_ms >= this.#deps.checkpoint_every_ms;
    if (due && sink.beginsUnit(value)) await this.#save(event.start, sink, layout);
    try {
      await sink.take(value, place, characters);
    } catch (error) {
      if (!(error instanceof RecordProblem)) throw error;
      this.#error(place, error.message);
    }
  }

  /** The value of a record, or undefined when it is no JSON, which is told. */
  #parse(event: Extract<RecordEvent, { kind: 'record' }>): unknown {
    const { text } = event;
    // The text of a large record need not live as long as its value does.
    event.text = '';
    if (event.repaired) this.warnings += 1;
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      if (!this.#signal.aborted)
        this.#error({ line: event.line, record: event.number }, jsonFault(error, text, event.line));
      return undefined;
    }
  }

  #tell(event: Extract<RecordEvent, { kind: 'fault' }>): undefined {
    if (!this.#signal.aborted) this.#error({ line: event.line, record: event.number }, event.message);
  }

  /** Cancelled before this record: the import can go on with it, if no part of what it belongs to was taken. */
  async #parkAt(event: RecordEvent, value: unknown, sink: RecordSink, layout: Layout): Promise<void> {
    if (event.kind === 'record' && value !== undefined && sink.beginsUnit(value))
      await this.#save(event.start, sink, layout);
  }

  async #save(position: RecordPosition, sink: RecordSink, layout: Layout): Promise<void> {
    await sink.flush();
    const { added, already_there, error_count } = this.#job;
    this.#checkpoint = {
      position: { ...position },
      layout,
      state: sink.state(),
      added: { ...added },
      already_there: { ...already_there },
      error_count,
    };
    this.#checkpointAt_ms = this.#deps.clock.now();
    this.#onProgress();
  }

  #advance(end: RecordPosition, reader: RecordReader): void {
    const { source } = this.#request;
    this.#job.progress.records_done = end.records;
    this.#job.progress.bytes_done = source.gzip ? reader.bytesRead : end.offset;
    this.#onProgress();
  }

  #error(place: { line: number | null; record: number | null } | null, message: string): void {
    this.#job.error_count += 1;
    if (this.#job.errors.length >= MAX_KEPT_ERRORS) return;
    this.#job.errors.push({
      line: place?.line ?? null,
      record: place?.record ?? null,
      message: shortened(message, MAX_ERROR_LENGTH),
    });
  }

  #context(layout: Layout): ImportContext {
    const { scope, source, user_id } = this.#request;
    const { sessions, memory, clock, moment, language, batch, retry_delays_ms } = this.#deps;
    const report: ImportReport = {
      added: this.#job.added,
      already_there: this.#job.already_there,
      error: (place: RecordPlace | null, message) => this.#error(place, message),
      warning: () => {
        this.warnings += 1;
      },
    };
    const first_ms = firstRecordTime(source);
    return {
      scope,
      user_id,
      sessions,
      memory,
      report,
      signal: this.#signal,
      language,
      batch,
      retry_delays_ms,
      now: () => clock.now(),
      moment: () => moment.now(),
      countTokens: (text) => this.#deps.countTokens(text),
      fallbackTime: (record) => Math.min(first_ms + record, clock.now()),
      allRecords: () => this.#allRecords(layout),
    };
  }

  async *#allRecords(layout: Layout): AsyncGenerator<unknown> {
    for await (const event of this.#reader(layout).records) {
      if (event.kind === 'fault') continue;
      try {
        yield JSON.parse(event.text) as unknown;
      } catch {
        // Told when its turn comes.
      }
      await this.#turns.letOthersWork();
    }
    // Reading ends quietly when it is aborted, and half an answer must not pass for a whole one.
    this.#signal.throwIfAborted();
  }
}

/** So early that, 1 ms a record, the last record of the file cannot come after the file was written. */
function firstRecordTime(source: SourceFile): number {
  const bytes = source.size * (source.gzip ? MAX_GZIP_RATIO : 1);
  return Math.floor(source.mtime_ms - bytes / MIN_RECORD_BYTES);
}

/** What V8 says of malformed JSON, with the line in the file instead of the one in the record. */
export function jsonFault(error: unknown, text: string, first_line: number): string {
  const said = error instanceof Error ? error.message : String(error);
  const position = Number(/at position (\d+)/.exec(said)?.[1] ?? Number.NaN);
  const plain = said.replace(/ \(line \d+ column \d+\)/, '');
  if (Number.isNaN(position)) return `malformed JSON: ${plain}`;
  const line = first_line + text.slice(0, position).split('\n').length - 1;
  return `malformed JSON on line ${line}: ${plain}`;
}
