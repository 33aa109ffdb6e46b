/**
 * Brings events of this computer into the event log, in order and once, also those that happened while PostgreSQL was
 * away: until then they wait in `history.db`.
 */
import type { Logger } from 'pino';
import type { JsonObject } from '../../src-contract/index.ts';
import { ArchonError } from '../errors.ts';
import { type Round, Rounds } from '../events/rounds.ts';
import type { Database, EventWrite } from '../storage/database.ts';
import { db } from '../storage/sql.ts';
import { isDataFault } from '../storage/storage-errors.ts';
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
  readonly #rounds: Rounds;
  #isAway = false;

  constructor(deps: LocalEventsDeps) {
    this.#deps = deps;
    const retry_ms = deps.retry_ms ?? RETRY_MS;
    this.#rounds = new Rounds({
      round: () => this.#bringAll(),
      retry_ms,
      look_ms: retry_ms[1],
      stop_within_ms: STOP_WITHIN_MS,
    });
  }

  /** Begins with what the last run left. */
  start(): void {
    this.#rounds.start();
  }

  /** There is a new one. */
  told(): void {
    this.#rounds.ring();
  }

  /** Resolves when those told of so far are in the log, or could not be brought: then it is tried again later. */
  async flush(): Promise<void> {
    await this.#rounds.alone(() => this.#bringAll());
  }

  async stop(): Promise<void> {
    await this.#rounds.stop(() => this.flush());
  }

  async #bringAll(): Promise<Round> {
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
      return 'idle';
    } catch (error) {
      this.#tell(error);
      return 'later';
    }
  }

  async #record(events: readonly WaitingEvent[]): Promise<void> {
    const [first] = events;
    if (first === undefined) return;
    try {
      await this.#deps.database.atOnce({ org_id: first.org_id, actor: 'archon' }, [insertion(events)]);
    } catch (error) {
      if (!isDataFault(error)) throw error;
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
