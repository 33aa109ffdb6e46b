/** Makes the statistics of a table anew, by which PostgreSQL chooses how to read it. */
import type { Database } from '../../../storage/database.ts';
import { fact, type Remediator } from '../remediator.ts';
import { operatorOnly } from './operator-only.ts';

interface TableRow {
  name: string;
  quoted: string;
  live_rows: number;
  changed_rows: number;
  analyzed_at: string | null;
  may: boolean;
}

/** Tables of Archon; the statement that is made is of a name that the catalogue has quoted. */
const TABLES = `
  SELECT s.relname AS name, format('%I.%I', s.schemaname, s.relname) AS quoted,
    s.n_live_tup::float8 AS live_rows, s.n_mod_since_analyze::float8 AS changed_rows,
    greatest(s.last_analyze, s.last_autoanalyze)::timestamptz AS analyzed_at,
    pg_has_role(c.relowner, 'USAGE') AS may
  FROM pg_stat_user_tables AS s JOIN pg_class AS c ON c.oid = s.relid
  WHERE s.schemaname = current_schema() AND s.relname LIKE 'archon\\_%' AND ($1::text IS NULL OR s.relname = $1)
  ORDER BY s.n_mod_since_analyze DESC, s.relname LIMIT 100`;

export function tableAnalyze(database: Pick<Database, 'statement'>): Remediator {
  const tables = (name: string | null) => database.statement<TableRow>(TABLES, [name]);
  const find = async (name = '') => (await tables(name))[0];
  return {
    name: 'table-analyze',
    title: 'Make the statistics of a table anew',
    precondition: 'The table is one of Archon, and the login of Archon owns it.',
    effect: 'Runs ANALYZE: it reads a sample of the rows. Reads and writes go on meanwhile.',
    risk: 'low',
    verification: 'The statistics are new.',
    done_by: 'anybody',
    limit_ms: 120_000,
    targetOf: ({ table }) => (table === undefined ? undefined : { table }),
    targets: async (scope) =>
      operatorOnly(scope) === null
        ? (await tables(null)).map((table) => ({
            target: { table: table.name },
            title: table.name,
            detail: `${table.changed_rows} rows changed since`,
            blocked: whyNot(table),
          }))
        : [],
    look: async (scope, { table }) => {
      const found = await find(table);
      const what = `Run ANALYZE on ${table}.`;
      if (!found) return { what, facts: [], blocked: `There is no table of Archon with the name "${table}".` };
      return {
        what,
        facts: [
          fact('Rows', found.live_rows),
          fact('Rows changed since', found.changed_rows),
          fact('Statistics of', found.analyzed_at ?? 'never'),
        ],
        blocked: operatorOnly(scope) ?? whyNot(found),
      };
    },
    run: async (_scope, { table }) => {
      const before = await find(table);
      if (!before) throw new Error(`there is no table ${table}`);
      await database.statement(`ANALYZE ${before.quoted}`);
      return {
        outcome: `The statistics of ${before.name} were made anew.`,
        // Sessions tell the statistics a moment later.
        within_ms: 30_000,
        check: async () => {
          const now = (await find(table))?.analyzed_at ?? null;
          return { verdict: now !== null && now !== before.analyzed_at ? 'helped' : 'not_yet' };
        },
      };
    },
  };
}

const whyNot = ({ may }: TableRow): string | null => (may ? null : 'The login of Archon does not own the table.');
