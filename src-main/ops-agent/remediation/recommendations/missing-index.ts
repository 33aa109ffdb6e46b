/** Large tables that are read from end to end: an index, where the plan of a slow statement says on what. */
import type { DatabaseInsight } from '../../monitors/database-insight.ts';
import { type Advisor, type Found, facts, percent, sinceOf, told } from './advisor.ts';

/** Rows read from end to end before that is worth an index, and the part of all scans. */
const ROWS_READ = 1_000_000;
const SCANS_PERCENT = 20;
const MOST_COLUMNS = 3;

export const missingIndex: Advisor = {
  name: 'missing-index',
  of: 'operator',
  look: async ({ insight }) => indexesMissing(await insight()),
};

export function indexesMissing(insight: DatabaseInsight): Found[] {
  const statements = told(insight.slow_statements);
  return told(insight.sequential_tables).flatMap((table) => {
    const { sequential_scans: scans, index_scans } = table;
    const part = (100 * scans) / Math.max(1, scans + index_scans);
    if (table.rows_read_sequentially < ROWS_READ || part < SCANS_PERCENT) return [];
    const slow = statements.find(({ plan }) => plan?.sequential.some((one) => one.table === table.table && one.filter));
    const filter = slow?.plan?.sequential.find((one) => one.table === table.table)?.filter ?? '';
    const columns = columnsOf(filter);
    // Of the queue, which has a schema of its own, only its library keeps the tables.
    const isQueue = table.table.includes('.');
    return [
      {
        id: `missing-index:${table.table}`,
        title: `An index for ${table.table}`,
        detail: isQueue
          ? `Statements read all of ${table.table}. It is of the queue of events, whose indexes come with its library: it is large because much waits or failed. See what waits.`
          : columns.length > 0
            ? `Statements read all of ${table.table} to find few of its rows. An index on what they look for spares that. It takes room, and makes writes a little slower: try it on a copy first.`
            : `Statements read all of ${table.table}. Which ones, PostgreSQL tells once pg_stat_statements is loaded; then an index can be named here.`,
        impact: table.rows_read_sequentially >= 100 * ROWS_READ ? 'high' : 'medium',
        evidence: facts({
          Rows: table.rows,
          'Read from end to end': `${scans} times, ${percent(part)} of its scans`,
          'Rows read so': table.rows_read_sequentially,
          Since: sinceOf(insight),
          ...(slow ? { Statement: slow.statement, 'Takes on average': `${Math.round(slow.mean_ms)} ms` } : {}),
          ...(filter === '' ? {} : { Filter: filter }),
        }),
        statement:
          columns.length > 0 && !isQueue
            ? `CREATE INDEX CONCURRENTLY ON ${table.table} (${columns.join(', ')});`
            : null,
        apply: null,
      },
    ];
  });
}

/** What stands alone before a comparison, or is cast: no function of it, no field of JSON, no type that something is cast to. */
const COLUMN = String.raw`(?<!\w\()(?<![\w.:"])([a-z_]\w*)\)?(?:::\w+)?\s+`;

/** Columns that a filter compares, those that must be equal first: in this order an index serves both. */
export function columnsOf(filter: string): string[] {
  const before = (comparison: string) =>
    [...filter.matchAll(new RegExp(`${COLUMN}(?:${comparison})\\s`, 'g'))].map(([, column]) => column ?? '');
  return [...new Set([...before('='), ...before('<|>|<=|>=').slice(0, 1)])].slice(0, MOST_COLUMNS);
}
