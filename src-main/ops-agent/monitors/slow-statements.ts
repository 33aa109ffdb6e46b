/** Statements of ours that take long, where the server counts them (pg_stat_statements), and how it would run them. */
import type { Database } from '../../storage/database.ts';
import { askAsLogin, type Told } from './login-questions.ts';
import { explain, type PlanFacts } from './query-plan.ts';

/** Mean milliseconds from which a statement is slow, and calls before which that says nothing. */
const SLOW_MS = 50;
const LEAST_CALLS = 5;
const MOST_STATEMENTS = 10;
/** `EXPLAIN (GENERIC_PLAN)`, which takes a statement without its values, is there from PostgreSQL 16 on. */
const GENERIC_PLAN_FROM = 160_000;
const ROLE_OF_DOMAIN = 'archon_app';

export interface SlowStatement {
  /** With `$1` where values were. */
  statement: string;
  calls: number;
  mean_ms: number;
  total_ms: number;
  /** Rows that one call gave, on average. */
  rows: number;
  /** Null where it could not be asked for. */
  plan: PlanFacts | null;
}

type Counted = Omit<SlowStatement, 'plan'> & { version_number: number };

/**
 * Those that took most time in all.
 *
 * @throws ArchonError while the database is away
 */
export async function slowStatements(database: Pick<Database, 'transaction'>): Promise<Told<SlowStatement>> {
  const places = await askAsLogin(database, (tx) =>
    tx.sql<{ schema: string }>(
      `SELECT quote_ident(n.nspname) AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
       WHERE e.extname = 'pg_stat_statements'`,
    ),
  );
  if (!places.told) return places;
  const [place] = places.items;
  if (place === undefined) return { told: false, reason: 'the extension pg_stat_statements is not in the database' };
  // Each role sees the texts of its own statements alone, unless it may read all statistics.
  const own = await counted(database, place.schema, null);
  const domain = await counted(database, place.schema, ROLE_OF_DOMAIN);
  if (!own.told && !domain.told) return own;
  const found = [own, domain].flatMap((answer) => (answer.told ? answer.items : []));
  return { told: true, items: await explained(database, slowest(found)) };
}

async function counted(
  database: Pick<Database, 'transaction'>,
  schema: string,
  role: string | null,
): Promise<Told<Counted>> {
  return await askAsLogin(database, async (tx) => {
    if (role !== null) await tx.sql(`SELECT set_config('role', $1, true)`, [role]);
    return await tx.sql<Counted>(
      `SELECT query AS statement, calls, mean_exec_time AS mean_ms, total_exec_time AS total_ms,
         rows::float8 / greatest(calls, 1) AS rows, current_setting('server_version_num')::int AS version_number
       FROM ${schema}.pg_stat_statements
       WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND userid IN (SELECT oid FROM pg_roles WHERE rolname IN (session_user, '${ROLE_OF_DOMAIN}'))
         AND queryid IS NOT NULL AND calls >= ${LEAST_CALLS} AND mean_exec_time >= ${SLOW_MS}
       ORDER BY total_exec_time DESC LIMIT ${MOST_STATEMENTS}`,
    );
  });
}

/** One that both roles told of is told of once. */
function slowest(found: readonly Counted[]): Counted[] {
  const distinct = new Map(found.map((each) => [`${each.statement} ${each.calls} ${each.total_ms}`, each]));
  return [...distinct.values()].sort((a, b) => b.total_ms - a.total_ms).slice(0, MOST_STATEMENTS);
}

async function explained(
  database: Pick<Database, 'transaction'>,
  statements: readonly Counted[],
): Promise<SlowStatement[]> {
  const items: SlowStatement[] = [];
  for (const { version_number, ...statement } of statements) {
    const can = version_number >= GENERIC_PLAN_FROM;
    items.push({ ...statement, plan: can ? await explain(database, statement.statement, ROLE_OF_DOMAIN) : null });
  }
  return items;
}
