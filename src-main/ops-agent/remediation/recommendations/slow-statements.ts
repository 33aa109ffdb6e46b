/** Statements that take most of the time of the database. */
import { createHash } from 'node:crypto';
import type { DatabaseInsight } from '../../monitors/database-insight.ts';
import { type Advisor, type Found, facts, sinceOf, told } from './advisor.ts';

/** Mean milliseconds from which a person waits for it. */
const SLOW_MS = 200;
const MOST = 5;
/** What has a plan. Of others the server may tell the values too, such as those of passwords. */
const HAS_PLAN = /^\s*(?:select|with|insert|update|delete|merge)\b/i;

export const slowStatements: Advisor = {
  name: 'slow-statements',
  of: 'operator',
  look: async ({ insight }) => statementsThatAreSlow(await insight()),
};

export function statementsThatAreSlow(insight: DatabaseInsight): Found[] {
  return told(insight.slow_statements)
    .filter(({ mean_ms, statement }) => mean_ms >= SLOW_MS && HAS_PLAN.test(statement))
    .slice(0, MOST)
    .map(({ statement, calls, mean_ms, total_ms, rows, plan }) => {
      const whole = plan?.sequential.map(({ table }) => table) ?? [];
      return {
        id: `slow-statement:${createHash('sha256').update(statement).digest('hex').slice(0, 16)}`,
        title: `A statement takes ${Math.round(mean_ms)} ms`,
        detail:
          whole.length > 0
            ? `It reads all of ${whole.join(', ')}. See its plan for values that are slow, and whether an index helps.`
            : 'See its plan for values that are slow, and whether the server has memory and disks that are fast enough.',
        impact: mean_ms >= 5 * SLOW_MS ? ('high' as const) : ('medium' as const),
        evidence: facts({
          Statement: statement.length > 1000 ? `${statement.slice(0, 1000)}…` : statement,
          Calls: calls,
          'Takes on average': `${Math.round(mean_ms)} ms`,
          'Took in all': `${Math.round(total_ms / 1000)} s since ${sinceOf(insight)}`,
          'Rows of a call': Math.round(rows),
          ...(plan ? { Indexes: plan.indexes.join(', ') || 'none' } : {}),
        }),
        statement: `EXPLAIN (GENERIC_PLAN) ${statement.trim().replace(/;$/, '')};`,
        apply: null,
      };
    });
}
