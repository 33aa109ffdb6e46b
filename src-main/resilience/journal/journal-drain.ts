/**
 * Brings the writes of the journal into one store as soon as it takes them: those of one user in their order, some of
 * different users at once.
 *
 * A write is removed once it is in its store. One that was done twice, because the process was killed in between, makes
 * the same again: ids were chosen before, and changes go under a key. What the store refuses is kept aside for a person.
 */
import type { Logger } from 'pino';
import { ERRORS, type JournaledStore } from '../../../src-contract/index.ts';
import type { Clock } from '../../clock.ts';
import { ArchonError } from '../../errors.ts';
import { type Round, Rounds } from '../../events/rounds.ts';
import { SessionStoreUnavailableError } from '../../storage/sessions/session-store.ts';
import { SqliteFileError } from '../../storage/sqlite-faults.ts';
import { isDataFault, sqlStateOf } from '../../storage/storage-errors.ts';
import { CrowdedError } from '../bulkhead.ts';
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
/** Writes on their way at once: enough to be faster than what is queued meanwhile, and few of the connections there are. */
const AT_ONCE = 4;
/** Attempts at a write that fails by itself: more than a minute of them. */
const ATTEMPTS = 20;
/** SQLSTATEs of a statement that failed by itself, in a database that serves others. */
const OWN_FAULTS = new Set(['40001', '40P01', '55P03', '57014']);

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
  readonly #rounds: Rounds;
  #away: { since_ms: number; error: string } | undefined;
  /** Since when writes wait: longer than the store was away, until all of them are in it. */
  #waits_since_ms: number | undefined;
  /** Since the store went away: writes brought, by organisation. */
  readonly #brought = new Map<string, number>();
  readonly #attempts = new Map<string, number>();

  constructor(deps: JournalDrainDeps) {
    this.#deps = deps;
    const { retry, look, stop_within } = { ...DEFAULT_TUNING, ...deps.tuning };
    this.#rounds = new Rounds({
      round: () => this.#round(),
      retry_ms: retry,
      look_ms: look,
      stop_within_ms: stop_within,
    });
  }

  /** Since when the store takes no writes, and why; undefined while it does. */
  get away(): { since_ms: number; error: string } | undefined {
    return this.#away;
  }

  start(): void {
    this.#rounds.start();
  }

  /** A write failed because the store is away. */
  noteAway(error: unknown): void {
    if (this.#away === undefined) {
      this.#deps.logger.warn({ err: error }, `writes wait in the journal: ${nameOf(this.#deps.store)} is away`);
    }
    const since_ms = this.#deps.clock.now();
    this.#away ??= { since_ms, error: messageOf(error) };
    this.#waits_since_ms ??= since_ms;
    this.#rounds.ring();
  }

  /** There is something to bring. */
  ring(): void {
    this.#rounds.ring();
  }

  /** Runs while no write is on its way. */
  async alone<T>(work: () => T | Promise<T>): Promise<T> {
    return await this.#rounds.alone(work);
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  /**
   * Brings everything that waits, within {@link alone}.
   *
   * @throws ArchonError STORAGE_UNAVAILABLE when something has to wait on
   */
  async bringAll(): Promise<void> {
    for (;;) {
      const round = await this.#round();
      if (round === 'idle') return;
      if (round === 'more') continue;
      throw new ArchonError(
        'STORAGE_UNAVAILABLE',
        `Writes wait for ${nameOf(this.#deps.store)}: try again when they are in it.`,
      );
    }
  }

  async #round(): Promise<Round> {
    const { journal, store, logger, ping, clock } = this.#deps;
    try {
      if (this.#away !== undefined) await ping();
      // Writes that have to wait for none of those in the journal go to the store again.
      this.#away = undefined;
      const writes = journal.first(store, BATCH);
      const [first] = writes;
      if (first !== undefined) {
        this.#waits_since_ms ??= first.at_ms;
        return await this.#bring(writes);
      }
      journal.prune(clock.now());
      this.#tellOfReturn();
      return 'idle';
    } catch (error) {
      // The journal itself cannot be written: that is no reason to put more into it.
      if (error instanceof SqliteFileError) logger.error({ err: error }, 'the journal of writes cannot be written');
      else this.noteAway(error);
      return 'later';
    }
  }

  /** In waves, up to one that finds the store away; what shares a topic with one that failed by itself waits as well. */
  async #bring(writes: readonly WaitingWrite[]): Promise<Round> {
    const brought: WaitingWrite[] = [];
    const blocked = new Set<string>();
    let round: Round = 'more';
    for (let rest = writes; rest.length > 0 && !this.#rounds.isStopped && this.#away === undefined; ) {
      const { wave, later } = nextWave(rest, blocked);
      const fates = await Promise.all(wave.map((write) => this.#fateOfBringing(write)));
      for (const [at, write] of wave.entries()) {
        const fate = fates[at];
        if (fate === 'brought') brought.push(write);
        if (fate === 'again') for (const topic of topicsOf(write)) blocked.add(topic);
        if (fate === 'again' || fate === 'away') round = 'later';
      }
      rest = later;
    }
    this.#deps.journal.remove(brought);
    for (const { org_id, write_id } of brought) {
      this.#brought.set(org_id, (this.#brought.get(org_id) ?? 0) + 1);
      this.#attempts.delete(write_id);
    }
    return round;
  }

  async #fateOfBringing(write: WaitingWrite): Promise<'brought' | 'refused' | 'away' | 'again'> {
    try {
      await this.#apply(write);
      return 'brought';
    } catch (error) {
      const fate = this.#fateOf(write, error);
      if (fate === 'refused') this.#refuse(write, error);
      if (fate === 'away') this.noteAway(error);
      if (fate === 'again') {
        this.#deps.logger.warn({ err: error, write_id: write.write_id }, 'a queued write is tried again');
      }
      return fate;
    }
  }

  async #apply(write: WaitingWrite): Promise<void> {
    const kind = journaledKind(write.operation);
    const scope = { org_id: write.org_id, actor: write.actor };
    // Without a key of the caller's own, one of ours keeps a change from being made twice.
    const key = write.ids.length === 0 ? { idempotency_key: `journal ${write.write_id}` } : {};
    const input = { ...key, ...(write.input as object) };
    try {
      const output = await kind.apply(this.#deps.writers, scope, input, {
        at_ms: write.at_ms,
        ids: write.ids,
        again: true,
      });
      const made = kind.madeIds?.(output);
      if (made?.some((id, index) => id !== write.ids[index])) {
        throw new ArchonError(
          'CONFLICT',
          `It had been written before under its idempotency key, as ${made[0]}: that id counts, not ${write.ids[0]}.`,
        );
      }
    } catch (error) {
      if (!kind.isDone?.(error)) throw error;
    }
  }

  /**
   * `refused`: no later attempt would do better. `away`: nothing can be brought now. `again`: this one is tried again,
   * others need not wait for it.
   */
  #fateOf(write: WaitingWrite, error: unknown): 'refused' | 'away' | 'again' {
    if (isRefusal(error)) return 'refused';
    const isOwn = OWN_FAULTS.has(sqlStateOf(error)) || !isOfTheStore(error);
    if (!isOwn) return 'away';
    const attempts = (this.#attempts.get(write.write_id) ?? 0) + 1;
    this.#attempts.set(write.write_id, attempts);
    return attempts >= ATTEMPTS ? 'refused' : 'again';
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

const topicsOf = ({ org_id, topics }: WaitingWrite): string[] => topics.map((topic) => `${org_id} ${topic}`);

/**
 * The first writes that need not wait for each other: of different users, and none shares a topic with one before it. What
 * does not say whose memory it changes goes alone, after all before it and before all after it. What shares a topic with a
 * write that is tried again waits with it.
 *
 * @param blocked topics that wait; grows by those of the writes that are left out for them
 * @returns `later`: the others that may be brought, in their order
 */
function nextWave(
  writes: readonly WaitingWrite[],
  blocked: Set<string>,
): { wave: WaitingWrite[]; later: WaitingWrite[] } {
  const wave: WaitingWrite[] = [];
  const later: WaitingWrite[] = [];
  const taken = new Set<string>();
  let isClosed = false;
  for (const write of writes) {
    const topics = topicsOf(write);
    if (topics.some((topic) => blocked.has(topic))) {
      for (const topic of topics) blocked.add(topic);
      continue;
    }
    const isAlone = write.user_id === null;
    const marks = [...topics, `${write.org_id} user ${write.user_id}`];
    const isFree = wave.length < (isAlone ? 1 : AT_ONCE) && !marks.some((mark) => taken.has(mark));
    (isFree && !isClosed ? wave : later).push(write);
    isClosed ||= isAlone;
    for (const mark of marks) taken.add(mark);
  }
  return { wave, later };
}

/** The store could not be reached, or not now: what was asked may be asked again. */
export function isAway(error: unknown): boolean {
  if (error instanceof SessionStoreUnavailableError) return true;
  return error instanceof ArchonError && !(error instanceof SqliteFileError) && error.code === 'STORAGE_UNAVAILABLE';
}

/** It says something of the store, not of this call alone: that it failed by itself, or found no room. */
export function isOutage(error: unknown): boolean {
  return isAway(error) && !(error instanceof CrowdedError) && !OWN_FAULTS.has(sqlStateOf(error));
}

/** Also one whose disk is full, or that lets nobody in: nothing is wrong with the write. */
function isOfTheStore(error: unknown): boolean {
  if (error instanceof SqliteFileError) return false;
  if (isAway(error)) return true;
  const isFull = error instanceof ArchonError && error.code === 'STORAGE_FULL';
  return isFull || /^(08|25|28|42501|53|57|58)/.test(sqlStateOf(error));
}

/** The request is at fault, or what is in the store meanwhile: no later attempt would do better. */
const isRefusal = (error: unknown): boolean =>
  error instanceof ArchonError ? ERRORS[error.code].status < 500 : isDataFault(error);

const nameOf = (store: JournaledStore): string => (store === 'database' ? 'the database' : 'the session store');
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
