/**
 * Brings the events of sessions from the outbox of their store into the event log, in order.
 *
 * Entries are removed once they are in the log; what was brought twice because a process was killed in between is in
 * the log once, by its source id. While the database is away everything stays where it is.
 */
import type { Logger } from 'pino';
import type { JsonObject } from '../../src-contract/index.ts';
import { isoTime } from '../clock.ts';
import { ArchonError } from '../errors.ts';
import type { Database, EventWrite } from '../storage/database.ts';
import { droppedEvent, type OutboxEntry, type SessionOutbox } from '../storage/sessions/session-outbox.ts';
import { SessionStoreUnavailableError } from '../storage/sessions/session-store.ts';
import { db } from '../storage/sql.ts';
import { isDataFault } from '../storage/storage-errors.ts';
import { Bell } from './bell.ts';

/** Milliseconds. */
export interface DrainTuning {
  /** In which events gather before they are brought. */
  gather: number;
  /** Before a round that failed is tried again: doubles from the first to the last. */
  retry: readonly [number, number];
  /** Between looks while nothing is told of: another process may have been killed. */
  look: number;
  /** Between thorough looks. */
  thorough: number;
  /** Before looking again where another process is about it. */
  busy: number;
  /** A stop takes at most. */
  stop_within: number;
}

const DEFAULT_TUNING: DrainTuning = {
  gather: 15,
  retry: [250, 10_000],
  look: 5000,
  thorough: 60_000,
  busy: 100,
  stop_within: 3000,
};
/** Characters of one insert, about: the embedded database has one backend for everybody. */
const INSERT_SIZE = 1_000_000;

type Round = 'done' | 'busy' | 'away';

export interface SessionEventDrainDeps {
  outbox: SessionOutbox;
  database: Pick<Database, 'atOnce'>;
  logger: Logger;
  tuning?: Partial<DrainTuning>;
}

export class SessionEventDrain {
  readonly #outbox: SessionOutbox;
  readonly #database: Pick<Database, 'atOnce'>;
  readonly #logger: Logger;
  readonly #tuning: DrainTuning;
  /** Rings when there is something to bring. */
  readonly #news = new Bell();
  readonly #end = new Bell();
  #stopped = false;
  #running: Promise<void> = Promise.resolve();
  /** Rounds wait for each other. */
  #turn: Promise<unknown> = Promise.resolve();
  #looked_at_ms = Number.NEGATIVE_INFINITY;
  /** Since when nothing could be brought; told of in the log once. */
  #away_since_ms: number | undefined;

  constructor({ outbox, database, logger, tuning }: SessionEventDrainDeps) {
    this.#outbox = outbox;
    this.#database = database;
    this.#logger = logger;
    this.#tuning = { ...DEFAULT_TUNING, ...tuning };
  }

  start(): void {
    this.#outbox.onWritten(() => this.#news.ring());
    this.#running = this.#run();
  }

  /** Resolves when everything told of so far is in the log, or could not be brought: then it is tried again later. */
  async flush(): Promise<void> {
    while ((await this.#round()) === 'busy' && !(await this.#end.wait(this.#tuning.busy)));
  }

  /** Brings what is there, within bounds; the rest waits in the store for the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#news.ring();
    this.#end.ring();
    const late = new Bell();
    await Promise.race([this.#running.then(() => this.#round()), late.wait(this.#tuning.stop_within)]);
    late.ring();
  }

  async #run(): Promise<void> {
    const { gather, retry, look, busy } = this.#tuning;
    let retry_ms = retry[0];
    while (!this.#stopped) {
      this.#news.silence();
      const round = await this.#round();
      if (round === 'away') {
        await this.#end.wait(retry_ms);
        retry_ms = Math.min(retry_ms * 2, retry[1]);
        continue;
      }
      retry_ms = retry[0];
      if (round === 'busy') await this.#end.wait(busy);
      else if (await this.#news.wait(look)) await this.#end.wait(gather);
    }
  }

  /** Brings everything there is, after whoever is at it. */
  async #round(): Promise<Round> {
    const turn = this.#turn.then(() => this.#bringAll());
    this.#turn = turn;
    return await turn;
  }

  async #bringAll(): Promise<Round> {
    try {
      for (;;) {
        const thorough = performance.now() - this.#looked_at_ms >= this.#tuning.thorough;
        const { batches, busy } = await this.#outbox.take({ thorough });
        if (thorough) this.#looked_at_ms = performance.now();
        // Order matters within a lane only, so that those of all lanes need few inserts.
        await this.#record(batches.flatMap(({ entries }) => entries));
        const removals = await Promise.allSettled(batches.map((batch) => this.#outbox.remove(batch)));
        for (const removal of removals) if (removal.status === 'rejected') throw removal.reason;
        if (batches.length > 0) continue;
        this.#tellOfReturn();
        return busy ? 'busy' : 'done';
      }
    } catch (error) {
      this.#tellOfAbsence(error);
      return 'away';
    }
  }

  /** Of several organisations, each in its own scope. Events of a session keep their order: they are of one. */
  async #record(entries: readonly OutboxEntry[]): Promise<void> {
    for (const org_id of new Set(entries.map((entry) => entry.org_id))) {
      const own = entries.filter((entry) => entry.org_id === org_id);
      for (const some of bySize(own)) await this.#insert(some);
    }
  }

  async #insert(entries: readonly OutboxEntry[]): Promise<void> {
    const [first] = entries;
    if (first === undefined) return;
    try {
      await this.#database.atOnce({ org_id: first.org_id, actor: 'archon' }, [insertion(entries)]);
    } catch (error) {
      if (!isDataFault(error)) throw error;
      if (entries.length > 1) {
        for (const entry of entries) await this.#insert([entry]);
        return;
      }
      // Nothing behind it may wait for what can never be written.
      this.#logger.error({ err: error, type: first.event.type }, 'an event of a session was refused by the database');
      await this.#database.atOnce({ org_id: first.org_id, actor: 'archon' }, [insertion([refused(first)])]);
    }
  }

  #tellOfAbsence(error: unknown): void {
    const isExpected = isAway(error);
    if (this.#away_since_ms === undefined || !isExpected) {
      const level = isExpected ? 'warn' : 'error';
      this.#logger[level]({ err: error }, 'events of sessions wait in their store: they could not be recorded');
    }
    this.#away_since_ms ??= performance.now();
  }

  #tellOfReturn(): void {
    if (this.#away_since_ms === undefined) return;
    const seconds = Math.round((performance.now() - this.#away_since_ms) / 1000);
    this.#away_since_ms = undefined;
    this.#logger.info(`events of sessions are recorded again, after ${seconds} s`);
  }
}

/** An event that is in the log already is counted as published once more: that happens after a crash alone. */
const insertion = (entries: readonly OutboxEntry[]): EventWrite => ({
  compile: () => insertionOf(entries).compile(),
  event_types: entries.map(({ event }) => event.type),
});

const insertionOf = (entries: readonly OutboxEntry[]) =>
  db
    .insertInto('archon_events')
    .values(
      entries.map(({ source_id, org_id, actor, event, at_ms }) => ({
        org_id,
        type: event.type,
        user_id: event.user_id,
        actor,
        payload: event.payload as JsonObject,
        created_at: isoTime(at_ms),
        source_id,
      })),
    )
    .onConflict((conflict) => conflict.columns(['org_id', 'source_id']).where('source_id', 'is not', null).doNothing());

/** Cut where an insert becomes too large. */
function bySize(entries: readonly OutboxEntry[]): OutboxEntry[][] {
  const parts: OutboxEntry[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const more = JSON.stringify(entry.event).length;
    if (size + more > INSERT_SIZE) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(entry);
    size += more;
  }
  return parts;
}

/** What is told in the place of an event that cannot be. */
function refused({ at_ms, source_id, ...entry }: OutboxEntry): OutboxEntry {
  const event = droppedEvent({ count: 1, first_ms: at_ms, last_ms: at_ms });
  return { ...entry, actor: 'archon', source_id: `${source_id}/refused`, event, at_ms };
}

const isAway = (error: unknown): boolean =>
  error instanceof SessionStoreUnavailableError ||
  (error instanceof ArchonError && (error.code === 'STORAGE_UNAVAILABLE' || error.code === 'STORAGE_FULL'));
