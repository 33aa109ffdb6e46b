/**
 * Brings events of this computer into the event log, in order and once, also those that happened while PostgreSQL was
 * away: until then they wait in `history.db`.
 */
import type { Logger } from 'pino';
import type { JsonObject } from '../../src-contract/index.ts';
import { ArchonError } from '../errors.ts';
import { Bell } from '../events/bell.ts';
import type { Database, EventWrite } from '../storage/database.ts';
import { db } from '../storage/sql.ts';
import type { LocalStore, WaitingEvent } from './local-store.ts';

/** Milliseconds between attempts: doubles from the first to the last. */
const RETRY_MS = [250, 5000] as const;
const BATCH = 200;
/** A stop takes at most so many milliseconds; what is left is brought at the next start. */
const STOP_WITHIN_MS = 2000;

export interface LocalEventsDeps {
  store: Pick<LocalStore, 'waitingEvents' | 'removeEvents'>;
  database: Pick<Database, 'atOnce'>;
  logger: Logger;
  retry_ms?: readonly [number, number];
}

export class LocalEvents {
  readonly #deps: LocalEventsDeps;
  readonly #news = new Bell();
  readonly #end = new Bell();
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();
  /** Rounds wait for each other. */
  #turn: Promise<unknown> = Promise.resolve();
  #isAway = false;

  constructor(deps: LocalEventsDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#news.ring(); // What the last run left.
    this.#running = this.#run();
  }

  /** There is a new one. */
  told(): void {
    this.#news.ring();
  }

  /** Resolves when those told of so far are in the log, or could not be brought: then it is tried again later. */
  async flush(): Promise<void> {
    await this.#round();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#news.ring();
    this.#end.ring();
    const late = new Bell();
    await Promise.race([this.#running.then(() => this.#round()), late.wait(STOP_WITHIN_MS)]);
    late.ring();
  }

  async #run(): Promise<void> {
    const [first_ms, last_ms] = this.#deps.retry_ms ?? RETRY_MS;
    let retry_ms = first_ms;
    while (!this.#isStopped) {
      await this.#news.wait(last_ms);
      if (this.#isStopped) return;
      this.#news.silence();
      if (await this.#round()) {
        retry_ms = first_ms;
        continue;
      }
      await this.#end.wait(retry_ms);
      this.#news.ring();
      retry_ms = Math.min(retry_ms * 2, last_ms);
    }
  }

  /** @returns false when they could not be brought */
  async #round(): Promise<boolean> {
    const turn = this.#turn.then(() => this.#bringAll());
    this.#turn = turn;
    return await turn;
  }

  async #bringAll(): Promise<boolean> {
    const { store } = this.#deps;
    try {
      for (;;) {
        const events = store.waitingEvents(BATCH);
        const last = events.at(-1);
        if (last === undefined) break;
        for (const some of byOrganisation(events)) await this.#record(some);
        store.removeEvents(last.position);
      }
      this.#isAway = false;
      return true;
    } catch (error) {
      this.#tell(error);
      return false;
    }
  }

  async #record(events: readonly WaitingEvent[]): Promise<void> {
    const [first] = events;
    if (first === undefined) return;
    try {
      await this.#deps.database.atOnce({ org_id: first.org_id, actor: 'archon' }, [insertion(events)]);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (events.length > 1) {
        for (const event of events) await this.#record([event]);
        return;
      }
      // Nothing behind it may wait for what can never be written.
      this.#deps.logger.error({ err: error, type: first.event.type }, 'an event was refused by the database');
    }
  }

  #tell(error: unknown): void {
    const isExpected = error instanceof ArchonError && error.code === 'STORAGE_UNAVAILABLE';
    if (!this.#isAway || !isExpected) {
      this.#deps.logger[isExpected ? 'warn' : 'error'](
        { err: error },
        'events of this computer wait: they could not be recorded',
      );
    }
    this.#isAway = true;
  }
}

/** The data itself is at fault (SQLSTATE classes 22 and 23): no other attempt will do better. */
function isRefusal(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(22|23)[0-9A-Z]{3}$/.test(code);
}

/** Those of an organisation that follow one another: so all of them keep their order. */
function byOrganisation(events: readonly WaitingEvent[]): WaitingEvent[][] {
  const parts: WaitingEvent[][] = [];
  for (const event of events) {
    const last = parts.at(-1);
    if (last?.[0]?.org_id === event.org_id) last.push(event);
    else parts.push([event]);
  }
  return parts;
}

const insertion = (events: readonly WaitingEvent[]): EventWrite => ({
  compile: () => insertionOf(events).compile(),
  event_types: events.map(({ event }) => event.type),
});

const insertionOf = (events: readonly WaitingEvent[]) =>
  db
    .insertInto('archon_events')
    .values(
      events.map(({ source_id, org_id, actor, at, event }) => ({
        org_id,
        type: event.type,
        user_id: event.user_id,
        actor,
        payload: event.payload as JsonObject,
        created_at: at,
        source_id,
      })),
    )
    .onConflict((conflict) => conflict.columns(['org_id', 'source_id']).where('source_id', 'is not', null).doNothing());
