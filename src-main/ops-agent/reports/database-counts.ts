/** What the database can count of a period: memories, dead letters, runs of workers. */
import { isoTime } from '../../clock.ts';
import type { Scope } from '../../identity/scope.ts';
import type { Database } from '../../storage/database.ts';
import type { Period } from './period.ts';

export interface MemoryCounts {
  added: number;
  /** Memories that held when the period began, and when it ended. */
  before: number;
  after: number;
}

export interface WorkerCounts {
  worker: string;
  runs: number;
  failures: number;
  /** Runs that took up what another one had not ended. */
  restarts: number;
  mean_ms: number | null;
  /** False where older runs of the period are not kept any more. */
  complete: boolean;
}

const holdsAt = (time: string, until: string): string =>
  `created_at <= ${time} AND (deleted_at IS NULL OR deleted_at > ${time}) AND (${until} IS NULL OR ${until} > ${time})`;

const layerSql = (table: string, until: string): string =>
  `SELECT count(*) FILTER (WHERE created_at > $2 AND created_at <= $3) AS added,
     count(*) FILTER (WHERE ${holdsAt('$2', until)}) AS before, count(*) FILTER (WHERE ${holdsAt('$3', until)}) AS after
   FROM ${table} WHERE org_id = $1`;

const MEMORIES = `SELECT sum(added)::float8 AS added, sum(before)::float8 AS before, sum(after)::float8 AS after FROM (
  ${layerSql('archon_working_memory', 'expires_at')} UNION ALL ${layerSql('archon_longterm_memory', 'valid_to')}) AS layers`;

const boundsOf = ({ org_id }: Scope, { from_ms, to_ms }: Period) => [org_id, isoTime(from_ms), isoTime(to_ms)];

export async function countMemories(database: Database, scope: Scope, period: Period): Promise<MemoryCounts> {
  const [row] = await database.withScope(scope, (tx) => tx.sql<MemoryCounts>(typed(MEMORIES), boundsOf(scope, period)));
  return row ?? { added: 0, before: 0, after: 0 };
}

export async function countDeadLetters(database: Database, scope: Scope, period: Period): Promise<number> {
  const [row] = await database.withScope(scope, (tx) =>
    // The time of the last failure, which is never earlier, is indexed.
    tx.sql<{ count: number }>(
      typed(`SELECT count(*)::float8 AS count FROM archon_event_failures
             WHERE org_id = $1 AND failed_at > $2 AND first_failed_at > $2 AND first_failed_at <= $3`),
      boundsOf(scope, period),
    ),
  );
  return row?.count ?? 0;
}

interface WorkerRow extends Omit<WorkerCounts, 'complete'> {
  kept: number;
  oldest_at: string;
}

/** @param runs_kept of each worker, at most */
export async function countRuns(
  database: Database,
  scope: Scope,
  period: Period,
  runs_kept: number,
): Promise<WorkerCounts[]> {
  const within = 'ended_at > $2 AND ended_at <= $3 AND started_at IS NOT NULL';
  const rows = await database.withScope(scope, (tx) =>
    tx.sql<WorkerRow>(
      typed(`SELECT worker, count(*)::float8 AS kept, min(ended_at) AS oldest_at,
         count(*) FILTER (WHERE ${within})::float8 AS runs,
         count(*) FILTER (WHERE ${within} AND status IN ('failed', 'timed_out', 'interrupted'))::float8 AS failures,
         count(*) FILTER (WHERE ${within} AND (resumes IS NOT NULL OR trigger = 'retry'))::float8 AS restarts,
         avg(extract(epoch FROM ended_at - started_at) * 1000) FILTER (WHERE ${within})::float8 AS mean_ms
       FROM archon_worker_runs WHERE org_id = $1 AND ended_at IS NOT NULL GROUP BY worker ORDER BY worker`),
      boundsOf(scope, period),
    ),
  );
  return rows.map(({ kept, oldest_at, ...counts }) => ({
    ...counts,
    complete: kept < runs_kept || Date.parse(oldest_at) <= period.from_ms,
  }));
}

/** The times are texts: PostgreSQL is told what they are. */
const typed = (sql: string): string => sql.replaceAll(/\$([23])/g, '$$$1::timestamptz');
