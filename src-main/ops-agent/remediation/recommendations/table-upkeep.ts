/** Tables whose statistics are old, or which are full of dead rows. */
import { formatBytes } from '../../../units.ts';
import type { DatabaseInsight } from '../../monitors/database-insight.ts';
import { deadPercent, type TableStatistics } from '../../monitors/database-tables.ts';
import { type Advisor, type Found, facts, percent, told } from './advisor.ts';

export const tableUpkeep: Advisor = {
  name: 'table-upkeep',
  of: 'operator',
  look: async ({ insight }) => tablesToKeepUp(await insight()),
};

export function tablesToKeepUp(insight: DatabaseInsight): Found[] {
  return [...told(insight.unanalyzed_tables).map(analyze), ...told(insight.bloated_tables).map(vacuum)];
}

function analyze({ table, rows, changed_since_analyze, analyzed_at }: TableStatistics): Found {
  return {
    id: `analyze:${table}`,
    title: `Statistics for ${table}`,
    detail: `PostgreSQL knows nothing of what is in ${table}, and so may choose slow ways to read it. Making the statistics reads a sample of its rows and holds up nobody.`,
    impact: 'medium',
    evidence: facts({
      Rows: rows,
      'Rows changed since': changed_since_analyze,
      'Statistics of': analyzed_at ?? 'never',
    }),
    statement: `ANALYZE ${table};`,
    // Of the queue, which has a schema of its own, only its library keeps the tables.
    apply: table.includes('.') ? null : { remediator: 'table-analyze', target: { table } },
  };
}

function vacuum(one: TableStatistics): Found {
  const { table, dead_rows, bytes, vacuumed_at } = one;
  return {
    id: `vacuum:${table}`,
    title: `Dead rows in ${table}`,
    detail: `Rows that were changed or deleted take room and are read past. PostgreSQL removes them by itself; here it does not keep up. VACUUM holds up nobody, and takes a while.`,
    impact: 'medium',
    evidence: facts({
      'Dead rows': `${dead_rows}, ${percent(deadPercent(one))}`,
      Size: formatBytes(bytes),
      'Last vacuumed': vacuumed_at ?? 'never',
    }),
    statement: `VACUUM (ANALYZE) ${table};`,
    apply: null,
  };
}
