/** What every importer is: a way to recognise a file, and a sink for its records. */
import type { ImportKind, JsonObject, TransferCounts } from '../../../src-contract/index.ts';
import type { Scope } from '../../identity/scope.ts';
import type { MemoryTransfer } from '../../memory/memory-transfer.ts';
import type { SessionStore } from '../../storage/sessions/session-store.ts';

/** One kind of file. Adding one is one file in this folder and a line in the registry. */
export interface Importer {
  readonly kind: ImportKind;
  /** As the person who imports knows it. */
  readonly title: string;
  /** False when the file itself says whose memories it holds. */
  readonly needs_user: boolean;
  /** How well the first records fit, 0 to 1. Records that could not be parsed are not among them. */
  sniff(records: readonly unknown[]): number;
  /** Begins, or goes on with, an import. `state` is what {@link RecordSink.state} gave at the place it goes on from. */
  open(context: ImportContext, state: JsonObject | undefined): RecordSink;
}

/** Where a record stands, for errors. */
export interface RecordPlace {
  line: number;
  record: number;
}

/** Takes the records of one file, in order, and sees to it that they are stored. */
export interface RecordSink {
  /** True when an import that was interrupted may go on with this record, without those before it. */
  beginsUnit(value: unknown): boolean;
  /**
   * @param characters length of the record's text in UTF-16 units: what it costs to hold all of it, roughly
   * @throws RecordProblem when the record cannot be used; ImportStop when no further one can; the signal's reason
   */
  take(value: unknown, place: RecordPlace, characters: number): Promise<void>;
  /** Stores what was taken so far. */
  flush(): Promise<void>;
  /** After the last record. @throws ImportStop when the file as a whole is not what it should be */
  finish(): Promise<void>;
  /** What the sink must know to go on after everything taken so far; small. */
  state(): JsonObject;
}

/** Why an import cannot go on, in words for the person who imports. */
export class ImportStop extends Error {
  override readonly name = 'ImportStop';
  /** Going on later from where it stopped makes sense. */
  readonly resumable: boolean;

  constructor(message: string, options: { resumable: boolean }) {
    super(message);
    this.resumable = options.resumable;
  }
}

/** Counts and messages of a running import. */
export interface ImportReport {
  readonly added: TransferCounts;
  readonly already_there: TransferCounts;
  error(place: RecordPlace | null, message: string): void;
  warning(): void;
}

/** What an import runs with. */
export interface ImportContext {
  readonly scope: Scope;
  /** Whose memory it becomes; null when the file says so itself. */
  readonly user_id: string | null;
  readonly sessions: Pick<SessionStore, 'create' | 'append' | 'get' | 'update'>;
  readonly memory: Pick<MemoryTransfer, 'insert'>;
  readonly report: ImportReport;
  readonly signal: AbortSignal;
  /** PostgreSQL text search configuration of the memories. */
  readonly language: string;
  readonly batch: BatchLimits;
  readonly retry_delays_ms: readonly number[];
  now(): number;
  /** The time sessions are written at; `now`, but for a copy, whose moment has passed. */
  moment(): number;
  countTokens(text: string): number;
  /**
   * A time for a record that has none, by the file's own: 1 ms apart, in order, none after the file was written.
   * @param record from 1
   */
  fallbackTime(record: number): number;
  /**
   * All records of the file once more, parsed, from the first on. Those that cannot be parsed are left out.
   * @throws the signal's reason when it aborts before the last
   */
  allRecords(): AsyncIterable<unknown>;
}

/** How much is stored at once: small enough for short transactions, large enough to be fast. */
export interface BatchLimits {
  readonly messages: number;
  /** UTF-16 units of text. */
  readonly characters: number;
}
