/** What breakers keep in the local `history.db`: settings, isolations, changes of state, events that wait for PostgreSQL. */
import type { Database } from 'better-sqlite3';
import type { z } from 'zod';
import type { BreakerTransition, NewEvent } from '../../src-contract/index.ts';
import type { HistoryStore } from '../storage/history-store.ts';
import { withSqliteFaults } from '../storage/sqlite-faults.ts';

/** Changes of state kept of each breaker. */
export const KEPT_TRANSITIONS = 1000;
/** Events that wait at most; of more the oldest are given up. */
export const KEPT_EVENTS = 10_000;

/** An event that is not in the log yet. */
export interface WaitingEvent {
  position: number;
  source_id: string;
  org_id: string;
  actor: string;
  at: string;
  event: NewEvent;
}

/** A change of state and the organisation that may see it. */
export type KeptTransition = BreakerTransition & { org_id: string };

interface EventRow extends Omit<WaitingEvent, 'event'> {
  event: string;
}

const TRANSITION_COLUMNS = 'id, org_id, breaker, service, from_state, to_state, at, failures, error, reason, by_whom';
type TransitionRow = Omit<KeptTransition, 'from' | 'to' | 'by'> & {
  from_state: KeptTransition['from'];
  to_state: KeptTransition['to'];
  by_whom: string | null;
};

/** Every method may throw a `SqliteFileError`. */
export class LocalStore {
  readonly #history: HistoryStore;
  readonly #db: Database;

  constructor(history: HistoryStore) {
    this.#history = history;
    this.#db = history.db;
  }

  /** A setting, or undefined when it was never written, or by something that is not ours. */
  read<T>(key: string, schema: z.ZodType<T>): T | undefined {
    const text = this.#history.getSetting(key);
    if (text === undefined) return undefined;
    try {
      return schema.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined; // No JSON.
    }
  }

  /** Writes a setting together with what belongs to it, or neither. */
  write(key: string, value: unknown, alsoWrite: () => void): void {
    this.#atOnce(() => {
      this.#history.setSetting(key, JSON.stringify(value));
      alsoWrite();
    });
  }

  addEvent({ source_id, org_id, actor, at, event }: Omit<WaitingEvent, 'position'>): void {
    this.#atOnce(() => {
      this.#db
        .prepare('INSERT INTO waiting_events (source_id, org_id, actor, at, event) VALUES (?, ?, ?, ?, ?)')
        .run(source_id, org_id, actor, at, JSON.stringify(event));
      this.#db
        .prepare('DELETE FROM waiting_events WHERE position <= (SELECT max(position) FROM waiting_events) - ?')
        .run(KEPT_EVENTS);
    });
  }

  /** What it tells of did not come about. */
  removeEvent(source_id: string): void {
    withSqliteFaults(this.#db.name, () =>
      this.#db.prepare('DELETE FROM waiting_events WHERE source_id = ?').run(source_id),
    );
  }

  /** The oldest, in their order. */
  waitingEvents(limit: number): WaitingEvent[] {
    return withSqliteFaults(this.#db.name, () =>
      this.#db
        .prepare<[number], EventRow>('SELECT * FROM waiting_events ORDER BY position LIMIT ?')
        .all(limit)
        .map((row) => ({ ...row, event: JSON.parse(row.event) as NewEvent })),
    );
  }

  /** Those up to a position are in the log. */
  removeEvents(position: number): void {
    withSqliteFaults(this.#db.name, () =>
      this.#db.prepare('DELETE FROM waiting_events WHERE position <= ?').run(position),
    );
  }

  /** Keeps a change of state together with its event, or neither. */
  addTransition(transition: KeptTransition, event: Omit<WaitingEvent, 'position'>): void {
    const { id, org_id, breaker, service, from, to, at, failures, error, reason, by } = transition;
    this.#atOnce(() => {
      this.#db
        .prepare(`INSERT INTO breaker_transitions (${TRANSITION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
        .run(id, org_id, breaker, service, from, to, at, failures, error, reason, by);
      this.#db
        .prepare(
          `DELETE FROM breaker_transitions WHERE breaker = ? AND position <= (
             SELECT position FROM breaker_transitions WHERE breaker = ? ORDER BY position DESC LIMIT 1 OFFSET ?)`,
        )
        .run(breaker, breaker, KEPT_TRANSITIONS);
      this.addEvent(event);
    });
  }

  /** Changes of state that one of the organisations may see, newest first; after a position when one is given. */
  transitions(
    org_ids: readonly [string, string],
    { breaker, before, limit }: { breaker?: string | undefined; before?: number | undefined; limit: number },
  ): (BreakerTransition & { position: number })[] {
    const rows = withSqliteFaults(this.#db.name, () =>
      this.#db
        .prepare<unknown[], TransitionRow & { position: number }>(
          `SELECT position, ${TRANSITION_COLUMNS} FROM breaker_transitions
           -- Of the services everybody sees, of webhooks each organisation its own.
           WHERE ((org_id = ? AND service <> 'webhook') OR org_id = ?) AND (? IS NULL OR breaker = ?) AND (? IS NULL OR position < ?)
           ORDER BY position DESC LIMIT ?`,
        )
        .all(...org_ids, breaker ?? null, breaker ?? null, before ?? null, before ?? null, limit),
    );
    return rows.map(({ org_id: _org_id, from_state, to_state, by_whom, ...rest }) => ({
      ...rest,
      from: from_state,
      to: to_state,
      by: by_whom,
    }));
  }

  #atOnce(work: () => void): void {
    withSqliteFaults(this.#db.name, () => this.#db.transaction(work)());
  }
}
