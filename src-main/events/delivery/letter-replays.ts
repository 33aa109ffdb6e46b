/**
 * Replays of dead letters: one, many at a rate, and those that are due by themselves.
 *
 * A replay is a job in the queue of the subscriber, with the id of the replay and the time it is due. So a replay of many
 * needs nobody who runs it: it goes on after a restart, and what has not begun can be taken back.
 */
import { v7 as uuidv7 } from 'uuid';
import {
  type DeadLetterSelection,
  type JsonObject,
  MAX_LETTERS_PER_CALL,
  type ParsedInputs,
  type ReplayRun,
} from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import { ArchonError, notFound } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import type { Database, Transaction } from '../../storage/database.ts';
import { type AutomaticRetry, nextRetryAt } from './automatic-retry.ts';
import type { EventDelivery } from './event-delivery.ts';
import { queueOf } from './job-queue.ts';
import { conditionsOf } from './letter-rows.ts';
import type { ReplayLog } from './replay-log.ts';

type Inputs = ParsedInputs['deadLetters'];

/** Letters per transaction. */
const BATCH = 500;
/** Who replays what is due. */
const RETRY_ACTOR = 'event retry';

interface Letter {
  id: string;
  subscriber: string;
}

interface ReplayOrder {
  run_id: string | null;
  payload?: JsonObject | undefined;
  automatic?: boolean;
  /** Milliseconds from now. */
  delayOf(index: number): number;
}

export class LetterReplays {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #delivery: EventDelivery;
  readonly #log: ReplayLog;
  readonly #automatic: (scope: Scope) => AutomaticRetry;

  constructor(deps: {
    database: Database;
    clock: Clock;
    delivery: EventDelivery;
    log: ReplayLog;
    automatic: (scope: Scope) => AutomaticRetry;
  }) {
    this.#database = deps.database;
    this.#clock = deps.clock;
    this.#delivery = deps.delivery;
    this.#log = deps.log;
    this.#automatic = deps.automatic;
  }

  /** @throws ArchonError NOT_FOUND, or CONFLICT when it is not dead or nobody would take it */
  async replay(scope: Scope, { id, payload }: Inputs['replay']): Promise<void> {
    const subscriber = await this.#database.withScope(scope, async (tx) => {
      const [letter] = await tx.sql<Letter & { state: string }>(
        'SELECT id, subscriber, state FROM archon_event_failures WHERE org_id = $1 AND id = $2 FOR UPDATE',
        [scope.org_id, id],
      );
      if (letter === undefined) throw notFound('dead letter', id);
      if (letter.state !== 'dead') {
        throw new ArchonError(
          'CONFLICT',
          `This dead letter is ${letter.state}: only one that is dead can be replayed.`,
        );
      }
      if (!this.#delivery.serves(scope, letter.subscriber)) throw notServed(letter.subscriber);
      await this.#send(tx, scope, [letter], { run_id: null, payload, delayOf: () => 0 });
      return letter.subscriber;
    });
    this.#delivery.wake(scope, subscriber);
  }

  /** Those that are dead, whose subscriber is served here; others are passed over. */
  async replayMany(scope: Scope, { select, per_second }: Inputs['replayMany']): Promise<ReplayRun> {
    const run_id = uuidv7();
    const asked_ms = this.#clock.now();
    const now = isoTime(asked_ms);
    await this.#database.withScope(scope, (tx) =>
      tx.sql(
        `INSERT INTO archon_event_replay_runs (org_id, id, actor, requested_at, per_second, not_taken)
         VALUES ($1, $2, $3, $4, $5, 0)`,
        [scope.org_id, run_id, scope.actor, now, per_second],
      ),
    );
    const { ids, not_taken } = await this.#find(scope, select, asked_ms);
    if (not_taken > 0) {
      await this.#database.withScope(scope, (tx) =>
        tx.sql('UPDATE archon_event_replay_runs SET not_taken = $3 WHERE org_id = $1 AND id = $2', [
          scope.org_id,
          run_id,
          not_taken,
        ]),
      );
    }
    for (let first = 0, taken = 0; first < ids.length; first += BATCH) {
      const some = ids.slice(first, first + BATCH);
      const letters = await this.#database.withScope(scope, async (tx) => {
        const rows = await lockDead(tx, scope, some, asked_ms);
        await this.#send(tx, scope, rows, { run_id, delayOf: (index) => ((taken + index) * 1000) / per_second });
        return rows;
      });
      taken += letters.length;
      for (const name of new Set(letters.map(({ subscriber }) => subscriber))) this.#delivery.wake(scope, name);
    }
    return await this.#log.run(scope, run_id);
  }

  /** Takes back what has not begun. */
  async cancel(scope: Scope, run_id: string): Promise<ReplayRun> {
    await this.#log.run(scope, run_id);
    for (let after: string | undefined = '00000000-0000-0000-0000-000000000000'; after; ) {
      after = await this.#cancelBatch(scope, run_id, after);
    }
    return await this.#log.run(scope, run_id);
  }

  /** Replays letters that are due by themselves, at most `limit`. @returns how many */
  async retryDue(scope: Scope, limit: number): Promise<number> {
    const as = { ...scope, actor: RETRY_ACTOR };
    const letters = await this.#database.withScope(as, async (tx) => {
      const rows = await tx.sql<Letter>(
        `SELECT id, subscriber FROM archon_event_failures
         WHERE org_id = $1 AND state = 'dead' AND retry_at <= $2 AND subscriber = ANY ($3)
         ORDER BY retry_at LIMIT $4 FOR UPDATE`,
        [scope.org_id, isoTime(this.#clock.now()), this.#delivery.served(scope), limit],
      );
      await this.#send(tx, as, rows, { run_id: null, automatic: true, delayOf: () => 0 });
      return rows;
    });
    for (const { subscriber } of letters) this.#delivery.wake(scope, subscriber);
    return letters.length;
  }

  /** The letters of a selection, oldest failure first, as many as one call takes; and how many there are beyond. */
  async #find(
    scope: Scope,
    select: DeadLetterSelection,
    asked_ms: number,
  ): Promise<{ ids: string[]; not_taken: number }> {
    const filter = select.by === 'filter' ? select.filter : {};
    const { where, values } = conditionsOf(scope, { ...filter, states: ['dead'] }, asked_ms);
    const served = `subscriber = ANY ($${values.push(this.#delivery.served(scope))})`;
    const ids = select.by === 'ids' ? ` AND id = ANY ($${values.push(select.ids)}::uuid[])` : '';
    // All in one look: where the planner knows no better, each look sorts everything.
    const rows = await this.#database.withScope(scope, (tx) =>
      tx.sql<{ id: string; found: number }>(
        `SELECT id, count(*) OVER () AS found FROM archon_event_failures WHERE ${where} AND ${served}${ids}
         ORDER BY failed_at, id LIMIT ${MAX_LETTERS_PER_CALL}`,
        values,
      ),
    );
    return { ids: rows.map(({ id }) => id), not_taken: (rows[0]?.found ?? 0) - rows.length };
  }

  /** Makes replays of letters that are locked and dead. */
  async #send(tx: Transaction, scope: Scope, letters: readonly Letter[], order: ReplayOrder): Promise<void> {
    if (letters.length === 0) return;
    const now_ms = this.#clock.now();
    const replays = letters.map((letter, index) => ({
      id: uuidv7(),
      letter,
      delay_ms: order.delayOf(index),
      due_at: isoTime(now_ms + order.delayOf(index)),
    }));
    const ids = replays.map(({ id }) => id);
    const letterIds = letters.map(({ id }) => id);
    const edited = order.payload === undefined ? null : JSON.stringify(order.payload);
    await tx.sql(
      `UPDATE archon_event_failures AS f SET state = 'replaying', state_at = $2, state_by = $3, replay_id = given.replay_id,
         retry_at = NULL, edited_payload = coalesce($6::jsonb, edited_payload), retries = retries + $7
       FROM unnest($4::uuid[], $5::uuid[]) AS given (id, replay_id)
       WHERE f.org_id = $1 AND f.id = ANY ($4::uuid[]) AND f.id = given.id`,
      [scope.org_id, isoTime(now_ms), scope.actor, letterIds, ids, edited, order.automatic ? 1 : 0],
    );
    await tx.sql(
      `INSERT INTO archon_event_replays (org_id, id, dead_letter_id, run_id, actor, requested_at, due_at, edited)
       SELECT $1, given.id, given.letter, $2, $3, $4, given.due_at, f.edited_payload IS NOT NULL
       FROM unnest($5::uuid[], $6::uuid[], $7::timestamptz[]) AS given (id, letter, due_at)
       JOIN archon_event_failures AS f ON f.org_id = $1 AND f.id = ANY ($6::uuid[]) AND f.id = given.letter`,
      [scope.org_id, order.run_id, scope.actor, isoTime(now_ms), ids, letterIds, replays.map(({ due_at }) => due_at)],
    );
    const names = [...new Set(letters.map(({ subscriber }) => subscriber))];
    const cursors = await tx.sql<{ name: string; cursor: number }>(
      'SELECT name, cursor FROM archon_event_subscribers WHERE org_id = $1 AND name = ANY ($2)',
      [scope.org_id, names],
    );
    for (const name of names) {
      // Behind the events that are in the queue.
      const place = cursors.find((row) => row.name === name)?.cursor ?? 0;
      const jobs = replays
        .filter(({ letter }) => letter.subscriber === name)
        .map(({ id, letter, delay_ms }) => ({
          id,
          place,
          data: { kind: 'replay' as const, dead_letter_id: letter.id },
          delay_ms,
        }));
      await this.#delivery.queue.put(tx, queueOf(scope.org_id, name), jobs);
    }
  }

  /** @returns the last replay looked at, or undefined when there is none left */
  async #cancelBatch(scope: Scope, run_id: string, after: string): Promise<string | undefined> {
    return await this.#database.withScope(scope, async (tx) => {
      const waiting = await tx.sql<{ id: string; dead_letter_id: string }>(
        `SELECT id, dead_letter_id FROM archon_event_replays WHERE org_id = $1 AND run_id = $2 AND outcome = 'waiting' AND id > $3
         ORDER BY id LIMIT ${BATCH}`,
        [scope.org_id, run_id, after],
      );
      const ids = waiting.map(({ id }) => id);
      const letterIds = waiting.map(({ dead_letter_id }) => dead_letter_id);
      if (ids.length === 0) return undefined;
      const subscribers = await tx.sql<{ subscriber: string }>(
        'SELECT DISTINCT subscriber FROM archon_event_failures WHERE org_id = $1 AND id = ANY ($2::uuid[])',
        [scope.org_id, letterIds],
      );
      const queues = subscribers.map(({ subscriber }) => queueOf(scope.org_id, subscriber));
      const withdrawn = await this.#delivery.queue.withdraw(tx, queues, ids);
      const now_ms = this.#clock.now();
      const now = isoTime(now_ms);
      const automatic = this.#automatic(scope);
      await tx.sql(
        `UPDATE archon_event_failures SET state = 'dead', state_at = $2, state_by = $3, replay_id = NULL,
           retry_at = CASE WHEN retries < $6 THEN $5::timestamptz END
         WHERE org_id = $1 AND replay_id = ANY ($4::uuid[]) AND id = ANY ($7::uuid[])`,
        [scope.org_id, now, scope.actor, withdrawn, nextRetryAt(automatic, now_ms), automatic.most, letterIds],
      );
      await tx.sql(
        `UPDATE archon_event_replays SET outcome = 'cancelled', ended_at = $2 WHERE org_id = $1 AND id = ANY ($3::uuid[])`,
        [scope.org_id, now, withdrawn],
      );
      return ids.at(-1);
    });
  }
}

/** Those that are still dead, oldest failure first. One that has failed again since is not taken a second time. */
async function lockDead(tx: Transaction, scope: Scope, ids: readonly string[], asked_ms: number): Promise<Letter[]> {
  return await tx.sql<Letter>(
    `SELECT id, subscriber FROM archon_event_failures
     WHERE org_id = $1 AND id = ANY ($2::uuid[]) AND state = 'dead' AND state_at <= $3
     ORDER BY failed_at, id FOR UPDATE`,
    [scope.org_id, ids, isoTime(asked_ms)],
  );
}

function notServed(subscriber: string): ArchonError {
  return new ArchonError(
    'CONFLICT',
    `Nobody would take it: the subscriber ${subscriber} was removed, is switched off, or is only just starting. Switch it on, or discard the letter.`,
  );
}
