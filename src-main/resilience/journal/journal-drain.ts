/**
 * Brings the writes of the journal into one store, in their order, as soon as it takes them.
 *
 * A write is removed once it is in its store. One that was done twice, because the process was killed in between, makes
 * the same again: ids were chosen before, and changes go under a key. What the store refuses is kept aside for a person.
 */
import type { Logger } from 'pino';
import type { JournaledStore } from '../../../src-contract/index.ts';
import type { Clock } from '../../clock.ts';
import { ArchonError } from '../../errors.ts';
import { Bell } from '../../events/bell.ts';
import { SessionStoreUnavailableError } from '../../storage/sessions/session-store.ts';
import { SqliteFileError } from '../../storage/sqlite-faults.ts';
import { journaledKind, type Writers } from './journaled-writes.ts';
import type { WaitingWrite, WriteJournal } from './write-journal.ts';

/** Milliseconds. */
export interface JournalTuning {
  /** Before the store is tried again: doubles from the first to the last. */
  retry: readonly [number, number];
  /** Between looks while nothing is told of. */
  look: number;
  /** A stop waits at most so long for the write that is on its way. */
  stop_within: number;
}

const DEFAULT_TUNING: JournalTuning = { retry: [250, 5000], look: 60_000, stop_within: 3000 };
/** Writes that are removed from the journal together. */
const BATCH = 50;
/** Attempts at a write that fails although its store answers: more than a minute of them, should it come and go. */
const ATTEMPTS = 20;

type Round = 'empty' | 'more' | 'away';

export interface JournalEvents {
  /** Everything that waited is in the store again. */
  drained(org_id: string, store: JournaledStore, writes: number, away_ms: number): void;
  refused(write: WaitingWrite, error: { code: string; message: string }): void;
}

export interface JournalDrainDeps {
  store: JournaledStore;
  journal: WriteJournal;
  writers: Writers;
  /** Rejects while the store does not answer. */
  ping(): Promise<unknown>;
  events: JournalEvents;
  clock: Clock;
  logger: Logger;
  tuning?: Partial<JournalTuning>;
}

export class JournalDrain {
  readonly #deps: JournalDrainDeps;
  readonly #tuning: JournalTuning;
  readonly #news = new Bell();
  readonly #end = new Bell();
  #stopped = false;
  #running: Promise<void> = Promise.resolve();
  /** Rounds, and whoever must not run beside one, wait for each other. */
  #turn: Promise<unknown> = Promise.resolve();
  #away: { since_ms: number; error: string } | undefined;
  /** Since when writes wait: longer than the store was away, until all of them are in it. */
  #waits_since_ms: number | undefined;
  /** Since the store went away: writes brought, by organisation. */
  readonly #brought = new Map<string, number>();
  readonly #attempts = new Map<string, number>();

  constructor(deps: JournalDrainDeps) {
    this.#deps = deps;
    this.#tuning = { ...DEFAULT_TUNING, ...deps.tuning };
  }

  /** Since when the store takes no writes, and why; undefined while it does. */
  get away(): { since_ms: number; error: string } | undefined {
    return this.#away;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** A write failed because the store is away. */
  noteAway(error: unknown): void {
    if (this.#away === undefined) {
      this.#deps.logger.warn({ err: error }, `writes wait in the journal: ${nameOf(this.#deps.store)} is away`);
    }
    const since_ms = this.#deps.clock.now();
    this.#away ??= { since_ms, error: messageOf(error) };
    this.#waits_since_ms ??= since_ms;
    this.#news.ring();
  }

  /** There is something to bring. */
  ring(): void {
    this.#news.ring();
  }

  /** Runs while no write is on its way. */
  async alone<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => {});
    return await turn;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#news.ring();
    this.#end.ring();
    const late = new Bell();
    await Promise.race([this.#running, late.wait(this.#tuning.stop_within)]);
    late.ring();
  }

  async #run(): Promise<void> {
    const [first, longest] = this.#tuning.retry;
    let retry_ms = first;
    while (!this.#stopped) {
      this.#news.silence();
      const round = await this.alone(() => this.#round());
      if (round === 'away') {
        await this.#end.wait(retry_ms);
        retry_ms = Math.min(retry_ms * 2, longest);
        continue;
      }
      retry_ms = first;
      if (round === 'empty') await this.#news.wait(this.#tuning.look);
    }
  }

  async #round(): Promise<Round> {
    const { journal, store, logger, ping } = this.#deps;
    try {
      if (this.#away !== undefined) await ping();
      // Writes that have to wait for none of those in the journal go to the store again.
      this.#away = undefined;
      const writes = journal.first(store, BATCH);
      if (writes.length === 0) {
        this.#tellOfReturn();
        return 'empty';
      }
      return await this.#bring(writes);
    } catch (error) {
      if (error instanceof SqliteFileError || !isAway(error))
        logger.error({ err: error }, 'the journal of writes waits');
      this.noteAway(error);
      return 'away';
    }
  }

  /** In order, up to one that cannot be brought now. */
  async #bring(writes: readonly WaitingWrite[]): Promise<Round> {
    const brought: WaitingWrite[] = [];
    let failure: unknown;
    for (const write of writes) {
      if (this.#stopped) break;
      try {
        await this.#apply(write);
        brought.push(write);
      } catch (error) {
        if (!(await this.#isHopeless(write, error))) {
          failure = error;
          break;
        }
        this.#refuse(write, error);
      }
    }
    this.#deps.journal.remove(brought);
    for (const { org_id, write_id } of brought) {
      this.#brought.set(org_id, (this.#brought.get(org_id) ?? 0) + 1);
      this.#attempts.delete(write_id);
    }
    if (failure === undefined) return 'more';
    this.noteAway(failure);
    return 'away';
  }

  async #apply(write: WaitingWrite): Promise<void> {
    const kind = journaledKind(write.operation);
    const scope = { org_id: write.org_id, actor: write.actor };
    // Without a key of the caller's own, one of ours keeps a change from being made twice.
    const key = write.store === 'database' && write.ids.length === 0 ? `journal ${write.write_id}` : undefined;
    const input = { ...(key === undefined ? {} : { idempotency_key: key }), ...(write.input as object) };
    try {
      await kind.apply(this.#deps.writers, scope, input, { at_ms: write.at_ms, ids: write.ids, again: true });
    } catch (error) {
      if (!kind.isDone?.(error)) throw error;
    }
  }

  /** No later attempt would do better: the store refuses it, or fails at it again and again while it serves others. */
  async #isHopeless(write: WaitingWrite, error: unknown): Promise<boolean> {
    if (!isAway(error)) return true;
    try {
      await this.#deps.ping();
    } catch {
      return false;
    }
    const attempts = (this.#attempts.get(write.write_id) ?? 0) + 1;
    this.#attempts.set(write.write_id, attempts);
    return attempts >= ATTEMPTS;
  }

  #refuse(write: WaitingWrite, error: unknown): void {
    const { journal, clock, logger, events } = this.#deps;
    const told = {
      code: error instanceof ArchonError ? error.code : 'INTERNAL_SERVER_ERROR',
      message: messageOf(error),
    };
    journal.refuse(write, told, clock.now());
    this.#attempts.delete(write.write_id);
    logger.error({ err: error, operation: write.operation, write_id: write.write_id }, 'a queued write was refused');
    events.refused(write, told);
  }

  #tellOfReturn(): void {
    const { store, clock, logger, events } = this.#deps;
    if (this.#waits_since_ms !== undefined) {
      const away_ms = clock.now() - this.#waits_since_ms;
      const writes = [...this.#brought.values()].reduce((sum, count) => sum + count, 0);
      logger.info(`${nameOf(store)} is back after ${Math.round(away_ms / 1000)} s: ${writes} queued writes are in it`);
      for (const [org_id, count] of this.#brought) events.drained(org_id, store, count, away_ms);
    }
    this.#waits_since_ms = undefined;
    this.#brought.clear();
  }
}

/** The store could not be reached, or not now: what was asked may be asked again. */
export function isAway(error: unknown): boolean {
  if (error instanceof SessionStoreUnavailableError) return true;
  return error instanceof ArchonError && !(error instanceof SqliteFileError) && error.code === 'STORAGE_UNAVAILABLE';
}

const nameOf = (store: JournaledStore): string => (store === 'database' ? 'the database' : 'the session store');
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
