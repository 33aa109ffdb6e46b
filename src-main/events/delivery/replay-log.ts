/** The replays of an organisation to look through: each of them, and those of many with how far they are. */
import { z } from 'zod';
import type { LoggedReplay, ParsedInputs, ReplayRun } from '../../../src-contract/index.ts';
import { notFound } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import { decodeCursor, encodeCursor } from '../../memory/cursor.ts';
import type { Database } from '../../storage/database.ts';
import { REPLAY_COLUMNS, type ReplayRow, toReplay } from './letter-rows.ts';

type Inputs = ParsedInputs['deadLetters'];

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

type LoggedRow = ReplayRow & { subscriber: string; event_id: number; event_type: string };

const REPLAYS = 'replays';
const RUNS = 'replays of many';
const position = z.strictObject({ id: z.uuid() });

export class ReplayLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Newest first. @throws ArchonError CURSOR_INVALID */
  async list(scope: Scope, input: Inputs['replays']): Promise<Page<LoggedReplay>> {
    const { limit } = input;
    const values: unknown[] = [scope.org_id, limit + 1];
    const place = (value: unknown) => `$${values.push(value)}`;
    const parts = ['org_id = $1'];
    if (input.cursor !== undefined) parts.push(`id < ${place(decodeCursor(REPLAYS, input.cursor, position).id)}`);
    if (input.dead_letter_id !== undefined) parts.push(`dead_letter_id = ${place(input.dead_letter_id)}`);
    if (input.run_id !== undefined) parts.push(`run_id = ${place(input.run_id)}`);
    if (input.outcomes !== undefined) parts.push(`outcome = ANY (${place(input.outcomes)})`);
    const rows = await this.#database.withScope(scope, (tx) =>
      tx.sql<LoggedRow>(
        `SELECT r.*, f.subscriber, f.event_id, f.event_type FROM (
           SELECT org_id, ${REPLAY_COLUMNS} FROM archon_event_replays WHERE ${parts.join(' AND ')}
           ORDER BY id DESC LIMIT $2) AS r
         JOIN archon_event_failures AS f ON f.org_id = r.org_id AND f.id = r.dead_letter_id
         ORDER BY r.id DESC`,
        values,
      ),
    );
    return pageOf(REPLAYS, rows, limit, toLogged);
  }

  /** Newest first. @throws ArchonError CURSOR_INVALID */
  async runs(scope: Scope, { cursor, limit }: Inputs['replayRuns']): Promise<Page<ReplayRun>> {
    const before = cursor === undefined ? null : decodeCursor(RUNS, cursor, position).id;
    const rows = await this.#runs(
      scope,
      `SELECT * FROM archon_event_replay_runs WHERE org_id = $1 AND ($2::uuid IS NULL OR id < $2)
       ORDER BY id DESC LIMIT $3`,
      [before, limit + 1],
    );
    return pageOf(RUNS, rows, limit, (row) => row);
  }

  /** @throws ArchonError NOT_FOUND */
  async run(scope: Scope, run_id: string): Promise<ReplayRun> {
    const [row] = await this.#runs(scope, 'SELECT * FROM archon_event_replay_runs WHERE org_id = $1 AND id = $2', [
      run_id,
    ]);
    if (row === undefined) throw notFound('replay of dead letters', run_id);
    return row;
  }

  /** The letters of each run are counted in its part of an index, so that other runs cost nothing. */
  async #runs(scope: Scope, chosen: string, values: readonly unknown[]): Promise<ReplayRun[]> {
    return await this.#database.withScope(scope, (tx) =>
      tx.sql<ReplayRun>(
        `SELECT run.id, run.actor, run.requested_at, run.per_second, run.not_taken, counted.*
         FROM (${chosen}) AS run CROSS JOIN LATERAL (
           SELECT count(*) AS total,
             count(*) FILTER (WHERE outcome = 'waiting') AS waiting,
             count(*) FILTER (WHERE outcome = 'resolved') AS resolved,
             count(*) FILTER (WHERE outcome = 'failed') AS failed,
             count(*) FILTER (WHERE outcome = 'cancelled') AS cancelled
           FROM archon_event_replays AS r WHERE r.org_id = $1 AND r.run_id = run.id
         ) AS counted ORDER BY run.id DESC`,
        [scope.org_id, ...values],
      ),
    );
  }
}

function toLogged({ subscriber, event_id, event_type, ...row }: LoggedRow): LoggedReplay {
  return { ...toReplay(row), subscriber, event_id: String(event_id), event_type };
}

/** Of one row more than the page has: whether there is a further one. */
function pageOf<Row extends { id: string }, Item>(
  list: string,
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next_cursor = rows.length > limit && last ? encodeCursor(list, { id: last.id }) : null;
  return { items: shown.map(toItem), next_cursor };
}
