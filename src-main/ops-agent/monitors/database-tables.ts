/** Tables of ours as the statistics of PostgreSQL tell of them. The database may hold those of others: they are left alone. */
import { QUEUE_SCHEMA } from '../../events/delivery/job-queue.ts';
import type { Database } from '../../storage/database.ts';
import { askAsLogin, type Told } from './login-questions.ts';

/** Rows from which a table is large: below, reading all of it costs nothing. */
export const LARGE_TABLE_ROWS = 10_000;
/** Tables told of, the largest first. */
const MOST_TABLES = 100;

/** `n` is a row of pg_namespace, `c` one of pg_class. */
export const OURS = `(n.nspname = '${QUEUE_SCHEMA}' OR (n.nspname = current_schema() AND c.relname LIKE 'archon\\_%'))`;

const NAME = "CASE WHEN n.nspname = current_schema() THEN c.relname::text ELSE n.nspname || '.' || c.relname END";

/**
 * The counts of the embedded database end with its process, so that its statistics themselves are looked for. Those of
 * tables under row-level security are hidden from a login that is under it too.
 */
const NEVER_ANALYZED = `(c.reltuples < 0 OR (greatest(s.last_analyze, s.last_autoanalyze) IS NULL AND (row_security_active(c.oid)
  OR NOT EXISTS (SELECT FROM pg_stats p WHERE p.schemaname = n.nspname AND p.tablename = c.relname))))`;

/** Counts are since {@link DatabaseInsight.statistics_since}. */
export interface TableStatistics {
  /** With its schema unless that is the one of Archon's tables. */
  table: string;
  /** As the planner or the counts of changes have it, whichever is more. */
  rows: number;
  live_rows: number;
  dead_rows: number;
  /** With its indexes. */
  bytes: number;
  /** Scans that read all of it, and rows read by them. */
  sequential_scans: number;
  rows_read_sequentially: number;
  index_scans: number;
  changed_since_analyze: number;
  /** The planner knows nothing of it. */
  never_analyzed: boolean;
  analyzed_at: string | null;
  vacuumed_at: string | null;
}

export type LargeTable = Pick<
  TableStatistics,
  'table' | 'live_rows' | 'dead_rows' | 'sequential_scans' | 'index_scans'
>;

/** What is looked at in every round: the views of the statistics would cost ten times as much. */
export async function readLargeTables(database: Pick<Database, 'transaction'>): Promise<Told<LargeTable>> {
  return await askAsLogin(database, (tx) =>
    tx.sql<LargeTable>(
      `SELECT ${NAME} AS table, pg_stat_get_live_tuples(c.oid) AS live_rows, pg_stat_get_dead_tuples(c.oid) AS dead_rows,
         pg_stat_get_numscans(c.oid) AS sequential_scans,
         (SELECT coalesce(sum(pg_stat_get_numscans(i.indexrelid)), 0)::bigint FROM pg_index i WHERE i.indrelid = c.oid)
           AS index_scans
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE ${OURS} AND c.relkind = 'r'
         AND greatest(c.reltuples, pg_stat_get_live_tuples(c.oid) + pg_stat_get_dead_tuples(c.oid)) >= ${LARGE_TABLE_ROWS}
       ORDER BY c.relpages DESC LIMIT ${MOST_TABLES}`,
    ),
  );
}

/** Tables of at least so many rows or bytes. */
export async function readTables(
  database: Pick<Database, 'transaction'>,
  { least_rows, least_bytes }: { least_rows: number; least_bytes: number },
): Promise<Told<TableStatistics>> {
  return await askAsLogin(database, (tx) =>
    tx.sql<TableStatistics>(
      `SELECT ${NAME} AS table,
         greatest(c.reltuples, s.n_live_tup)::bigint AS rows, s.n_live_tup AS live_rows, s.n_dead_tup AS dead_rows,
         pg_total_relation_size(c.oid) AS bytes,
         coalesce(s.seq_scan, 0) AS sequential_scans, coalesce(s.seq_tup_read, 0) AS rows_read_sequentially,
         coalesce(s.idx_scan, 0) AS index_scans, s.n_mod_since_analyze AS changed_since_analyze,
         ${NEVER_ANALYZED} AS never_analyzed,
         greatest(s.last_analyze, s.last_autoanalyze) AS analyzed_at,
         greatest(s.last_vacuum, s.last_autovacuum) AS vacuumed_at
       FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE ${OURS} AND c.relkind = 'r'
         AND (greatest(c.reltuples, s.n_live_tup + s.n_dead_tup) >= $1
           OR c.relpages::bigint * current_setting('block_size')::int >= $2 OR (c.reltuples < 0 AND pg_relation_size(c.oid) >= $2))
       ORDER BY bytes DESC LIMIT ${MOST_TABLES}`,
      [least_rows, least_bytes],
    ),
  );
}

/** Part of the rows that are dead, 0 to 100. */
export function deadPercent({ live_rows, dead_rows }: Pick<TableStatistics, 'live_rows' | 'dead_rows'>): number {
  const all = live_rows + dead_rows;
  return all <= 0 ? 0 : (100 * dead_rows) / all;
}
