/**
 * What PostgreSQL knows of how it is used: the evidence that advice on performance is made from. Facts alone, no advice.
 *
 * What the server does not tell, or the login may not see, is not told (`told: false`, with the reason), and the rest is.
 */
import { type Clock, isoTime } from '../../clock.ts';
import type { Database } from '../../storage/database.ts';
import { deadPercent, LARGE_TABLE_ROWS, OURS, readTables, type TableStatistics } from './database-tables.ts';
import { askAsLogin, type Told } from './login-questions.ts';
import { type SlowStatement, slowStatements } from './slow-statements.ts';

/** An index smaller than this is not in anybody's way. */
const LARGE_INDEX_BYTES = 1024 ** 2;
const MOST_INDEXES = 50;
/** Dead rows from which a table is bloated: twice of what autovacuum leaves. */
const BLOATED_PERCENT = 20;
/** Tables below either are looked through in no time, statistics or not. */
const LEAST_BYTES = 1024 ** 2;

export interface UnusedIndex {
  /** As a statement has it: in quotes where it needs them. */
  index: string;
  table: string;
  bytes: number;
  /** The statement that makes it. */
  definition: string;
}

/** Of all blocks that were asked for. Null where none was. */
export interface CacheUse {
  hit_percent: number | null;
  blocks_read: number;
  shared_buffers_bytes: number;
}

export interface DatabaseInsight {
  at: string;
  /** What the counts are since; null: since the database was made, or since it last crashed. */
  statistics_since: string | null;
  /** When the server last started: it has counted at least since then, unless it crashed meanwhile. */
  server_started_at: string | null;
  /** Large tables that were read from end to end, those first of which most rows were read. */
  sequential_tables: Told<TableStatistics>;
  /** Large tables with many dead rows, the largest first. */
  bloated_tables: Told<TableStatistics>;
  /** Tables of which the planner knows nothing. */
  unanalyzed_tables: Told<TableStatistics>;
  /** Indexes of Archon's own tables that no query has used, but for those that keep something unique. */
  unused_indexes: Told<UnusedIndex>;
  /** What took most time in all, of statements that take long. */
  slow_statements: Told<SlowStatement>;
  /** One item. */
  cache: Told<CacheUse>;
}

interface Overview extends CacheUse {
  statistics_since: string | null;
  server_started_at: string;
}

/** @throws ArchonError while the database is away */
export async function databaseInsight(database: Pick<Database, 'transaction'>, clock: Clock): Promise<DatabaseInsight> {
  // One after the other: nobody waits for it, and it takes the place of one caller only.
  const overview = await readOverview(database);
  const tables = await readTables(database, { least_rows: LARGE_TABLE_ROWS, least_bytes: LEAST_BYTES });
  const unused_indexes = await readUnusedIndexes(database);
  const slow_statements = await slowStatements(database);
  return {
    at: isoTime(clock.now()),
    statistics_since: overview.told ? (overview.items[0]?.statistics_since ?? null) : null,
    server_started_at: overview.told ? (overview.items[0]?.server_started_at ?? null) : null,
    sequential_tables: only(tables, readSequentially),
    bloated_tables: only(tables, (all) => all.filter(isBloated)),
    unanalyzed_tables: only(tables, (all) => all.filter(({ never_analyzed }) => never_analyzed)),
    unused_indexes,
    slow_statements,
    cache: only(overview, (all) => all.map(({ statistics_since: _since, server_started_at: _started, ...use }) => use)),
  };
}

function only<From, To>(answer: Told<From>, choose: (items: readonly From[]) => To[]): Told<To> {
  return answer.told ? { told: true, items: choose(answer.items) } : answer;
}

function readSequentially(tables: readonly TableStatistics[]): TableStatistics[] {
  return tables
    .filter(({ rows, sequential_scans }) => rows >= LARGE_TABLE_ROWS && sequential_scans > 0)
    .sort((a, b) => b.rows_read_sequentially - a.rows_read_sequentially);
}

const isBloated = (table: TableStatistics): boolean =>
  table.live_rows + table.dead_rows >= LARGE_TABLE_ROWS && deadPercent(table) >= BLOATED_PERCENT;

async function readOverview(database: Pick<Database, 'transaction'>): Promise<Told<Overview>> {
  return await askAsLogin(database, (tx) =>
    tx.sql<Overview>(
      `SELECT stats_reset AS statistics_since, pg_postmaster_start_time() AS server_started_at, blks_read AS blocks_read,
         100 * blks_hit::float8 / nullif(blks_hit + blks_read, 0) AS hit_percent,
         pg_size_bytes(current_setting('shared_buffers')) AS shared_buffers_bytes
       FROM pg_stat_database WHERE datname = current_database()`,
    ),
  );
}

async function readUnusedIndexes(database: Pick<Database, 'transaction'>): Promise<Told<UnusedIndex>> {
  return await askAsLogin(database, (tx) =>
    tx.sql<UnusedIndex>(
      `SELECT quote_ident(x.relname) AS index, c.relname::text AS table, pg_relation_size(x.oid) AS bytes,
         pg_get_indexdef(x.oid) AS definition
       FROM pg_stat_user_indexes s JOIN pg_index i ON i.indexrelid = s.indexrelid JOIN pg_class x ON x.oid = i.indexrelid
         JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE ${OURS} AND n.nspname = current_schema() AND s.idx_scan = 0 AND i.indisvalid AND NOT i.indisunique AND NOT i.indisprimary
         AND NOT i.indisexclusion AND pg_relation_size(x.oid) >= $1
       ORDER BY bytes DESC LIMIT ${MOST_INDEXES}`,
      [LARGE_INDEX_BYTES],
    ),
  );
}
