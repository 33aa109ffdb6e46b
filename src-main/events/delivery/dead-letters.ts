/** The dead letters of an organisation: looked at, given up, cleaned away. Replays are in `letter-replays.ts`. */
import { z } from 'zod';
import {
  type DeadLetter,
  type DeadLetterStats,
  type DeadLetterSummary,
  MAX_LETTERS_PER_CALL,
  type ParsedInputs,
} from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import { notFound } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import { decodeCursor, encodeCursor } from '../../memory/cursor.ts';
import type { Database } from '../../storage/database.ts';
import { forgetEffects } from './effects.ts';
import { type JobQueue, queueOf } from './job-queue.ts';
import { type LetterOf, lettersResolved } from './letter-events.ts';
import {
  conditionsOf,
  REPLAY_COLUMNS,
  type ReplayRow,
  SUMMARY_COLUMNS,
  type SummaryRow,
  toLetter,
  toSummary,
  WHOLE_COLUMNS,
  type WholeRow,
} from './letter-rows.ts';

type Inputs = ParsedInputs['deadLetters'];

const CURSOR = 'dead letters';
const position = z.strictObject({ failed_at: z.iso.datetime(), id: z.uuid() });
const KEPT_REPLAYS = 50;
/** Letters read at a time for an export, each of some MB at worst, and bytes of all: it is in memory until it is sent. */
const EXPORT_PAGE = 25;
const EXPORT_BYTES = 64 * 1024 * 1024;
const DAY_MS = 86_400_000;

export interface OpenLetters {
  subscriber: string;
  dead: number;
  oldest_dead_at: string;
}

interface StatsRow {
  state: DeadLetterSummary['life']['state'];
  subscriber: string;
  count: number;
  oldest: string;
  changed: string;
}

export class DeadLetters {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #queue: JobQueue;
  readonly #retention_days: (scope: Scope) => number;

  constructor(deps: { database: Database; clock: Clock; queue: JobQueue; retention_days: (scope: Scope) => number }) {
    this.#database = deps.database;
    this.#clock = deps.clock;
    this.#queue = deps.queue;
    this.#retention_days = deps.retention_days;
  }

  async list(scope: Scope, input: Inputs['list']): Promise<{ items: DeadLetterSummary[]; next_cursor: string | null }> {
    const { cursor, limit, ...filter } = input;
    const after = cursor === undefined ? undefined : decodeCursor(CURSOR, cursor, position);
    const rows = await this.#page(scope, filter, after, limit + 1);
    const items = rows.slice(0, limit).map(toSummary);
    const last = items.at(-1);
    const next = rows.length > limit && last ? encodeCursor(CURSOR, { failed_at: last.failed_at, id: last.id }) : null;
    return { items, next_cursor: next };
  }

  /** @throws ArchonError NOT_FOUND */
  async get(scope: Scope, id: string): Promise<DeadLetter> {
    const [row, replays] = await this.#database.withScope(scope, async (tx) => {
      const [rows, replays] = await Promise.all([
        tx.sql<WholeRow>(`SELECT ${WHOLE_COLUMNS} FROM archon_event_failures WHERE org_id = $1 AND id = $2`, [
          scope.org_id,
          id,
        ]),
        tx.sql<ReplayRow>(
          `SELECT ${REPLAY_COLUMNS} FROM archon_event_replays
           WHERE org_id = $1 AND dead_letter_id = $2 ORDER BY id DESC LIMIT ${KEPT_REPLAYS}`,
          [scope.org_id, id],
        ),
      ]);
      return [rows[0], replays] as const;
    });
    if (row === undefined) throw notFound('dead letter', id);
    return toLetter(row, replays);
  }

  /** Those that nobody has dealt with, by subscriber. Cheap however many were dealt with. */
  async open(scope: Scope): Promise<OpenLetters[]> {
    return await this.#database.withScope(scope, (tx) =>
      tx.sql<OpenLetters>(
        `SELECT subscriber, count(*) AS dead, min(failed_at) AS oldest_dead_at FROM archon_event_failures
         WHERE org_id = $1 AND state = 'dead' GROUP BY subscriber`,
        [scope.org_id],
      ),
    );
  }

  async stats(scope: Scope): Promise<DeadLetterStats> {
    const rows = await this.#database.withScope(scope, (tx) =>
      tx.sql<StatsRow>(
        `SELECT state, subscriber, count(*) AS count, min(failed_at) AS oldest, max(state_at) AS changed
         FROM archon_event_failures
         WHERE org_id = $1 GROUP BY state, subscriber ORDER BY subscriber`,
        [scope.org_id],
      ),
    );
    const total = (state: string) => rows.reduce((sum, row) => (row.state === state ? sum + row.count : sum), 0);
    const dead = rows.filter(({ state }) => state === 'dead');
    return {
      dead: total('dead'),
      replaying: total('replaying'),
      resolved: total('resolved'),
      discarded: total('discarded'),
      oldest_dead_at: dead.map(({ oldest }) => oldest).sort()[0] ?? null,
      changed_at:
        rows
          .map(({ changed }) => changed)
          .sort()
          .at(-1) ?? null,
      subscribers: dead.map(({ subscriber, count, oldest }) => ({ subscriber, dead: count, oldest_dead_at: oldest })),
    };
  }

  async count(scope: Scope, filter: Inputs['count']): Promise<number> {
    const { where, values } = conditionsOf(scope, filter, this.#clock.now());
    const [row] = await this.#database.withScope(scope, (tx) =>
      tx.sql<{ count: number }>(`SELECT count(*) AS count FROM archon_event_failures WHERE ${where}`, values),
    );
    return row?.count ?? 0;
  }

  /** The newest that match, whole, one JSON object per line. */
  async export(scope: Scope, filter: Inputs['export']): Promise<Blob> {
    const { where, values } = conditionsOf(scope, filter, this.#clock.now());
    // All ids first, in one look: each page of its own would sort everything again where the planner knows no better.
    const found = await this.#database.withScope(scope, (tx) =>
      tx.sql<{ id: string }>(
        `SELECT id FROM archon_event_failures WHERE ${where}
         ORDER BY failed_at DESC, id DESC LIMIT ${MAX_LETTERS_PER_CALL}`,
        values,
      ),
    );
    const lines: string[] = [];
    let bytes = 0;
    for (let start = 0; start < found.length; start += EXPORT_PAGE) {
      const ids = found.slice(start, start + EXPORT_PAGE).map(({ id }) => id);
      for (const row of await this.#whole(scope, ids)) {
        const line = `${JSON.stringify(toLetter(row, []))}\n`;
        bytes += Buffer.byteLength(line);
        if (lines.length > 0 && bytes > EXPORT_BYTES) return toBlob(lines);
        lines.push(line);
      }
    }
    return toBlob(lines);
  }

  /** Oldest first, as they are locked for replays too: of two who take many at once, neither waits for the other in turn. */
  async discard(
    scope: Scope,
    { select, reason }: Inputs['discard'],
  ): Promise<{ discarded: number; not_taken: number }> {
    const now_ms = this.#clock.now();
    const { where, values } =
      select.by === 'filter'
        ? conditionsOf(scope, { ...select.filter, states: ['dead'] }, now_ms)
        : { where: `org_id = $1 AND state = 'dead' AND id = ANY ($2::uuid[])`, values: [scope.org_id, select.ids] };
    return await this.#database.withScope(scope, async (tx) => {
      const taken = await tx.sql<LetterOf>(
        `SELECT id, event_type FROM archon_event_failures WHERE ${where}
         ORDER BY failed_at, id LIMIT ${MAX_LETTERS_PER_CALL} FOR UPDATE`,
        values,
      );
      const ids = taken.map(({ id }) => id);
      await tx.sql(
        `UPDATE archon_event_failures SET state = 'discarded', state_at = $2, state_by = $3, reason = $4, retry_at = NULL
         WHERE org_id = $1 AND id = ANY ($5::uuid[])`,
        [scope.org_id, isoTime(now_ms), scope.actor, reason, ids],
      );
      if (taken.length > 0) await tx.run(lettersResolved(scope, taken, 'discarded'));
      if (taken.length < MAX_LETTERS_PER_CALL) return { discarded: taken.length, not_taken: 0 };
      const [left] = await tx.sql<{ count: number }>(
        `SELECT count(*) AS count FROM archon_event_failures WHERE ${where}`,
        values,
      );
      return { discarded: taken.length, not_taken: left?.count ?? 0 };
    });
  }

  /**
   * Removes what is past its retention, at most `limit` of each: letters that were resolved or discarded, replays of many
   * that are over, notes of effects. Call it until it says 0. @returns how many rows went
   */
  async removeOld(scope: Scope, limit: number): Promise<number> {
    const before = isoTime(this.#clock.now() - this.#retention_days(scope) * DAY_MS);
    const { removed, subscribers } = await this.#database.withScope(scope, async (tx) => {
      const [letters, runs, rows] = await Promise.all([
        tx.sql(
          `DELETE FROM archon_event_failures WHERE org_id = $1 AND id IN (
             SELECT id FROM archon_event_failures
             WHERE org_id = $1 AND state IN ('resolved', 'discarded') AND state_at < $2 LIMIT $3) RETURNING 1`,
          [scope.org_id, before, limit],
        ),
        tx.sql(
          `DELETE FROM archon_event_replay_runs AS run WHERE org_id = $1 AND requested_at < $2 AND NOT EXISTS (
             SELECT FROM archon_event_replays WHERE org_id = $1 AND run_id = run.id) RETURNING 1`,
          [scope.org_id, before],
        ),
        tx.sql<{ name: string }>('SELECT name FROM archon_event_subscribers WHERE org_id = $1', [scope.org_id]),
      ]);
      return { removed: letters.length + runs.length, subscribers: rows.map(({ name }) => name) };
    });
    let effects = 0;
    for (const subscriber of (await this.#queue.isStarted()) ? subscribers : []) {
      // What still waits may have had its effect before the process was ended under it.
      const oldest = (await this.#queue.oldest(queueOf(scope.org_id, subscriber))) ?? before;
      const until = oldest < before ? oldest : before;
      effects += await forgetEffects(this.#database, scope, { subscriber, before: until, limit });
    }
    return removed + effects;
  }

  /** In the order of the ids. */
  async #whole(scope: Scope, ids: readonly string[]): Promise<WholeRow[]> {
    const rows = await this.#database.withScope(scope, (tx) =>
      tx.sql<WholeRow>(
        `SELECT ${WHOLE_COLUMNS} FROM archon_event_failures WHERE org_id = $1 AND id = ANY ($2::uuid[])`,
        [scope.org_id, ids],
      ),
    );
    return rows.sort((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id));
  }

  async #page(
    scope: Scope,
    filter: Inputs['export'],
    after: z.infer<typeof position> | undefined,
    limit: number,
  ): Promise<SummaryRow[]> {
    const { where, values } = conditionsOf(scope, filter, this.#clock.now());
    const at = values.length;
    const further = after ? ` AND (failed_at, id) < ($${at + 2}::timestamptz, $${at + 3}::uuid)` : '';
    return await this.#database.withScope(scope, (tx) =>
      tx.sql<SummaryRow>(
        `SELECT ${SUMMARY_COLUMNS} FROM archon_event_failures WHERE ${where}${further}
         ORDER BY failed_at DESC, id DESC LIMIT $${at + 1}`,
        [...values, limit, ...(after ? [after.failed_at, after.id] : [])],
      ),
    );
  }
}

const toBlob = (lines: string[]): Blob => new Blob(lines, { type: 'application/x-ndjson' });
