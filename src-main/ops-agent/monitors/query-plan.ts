/** How PostgreSQL would run a statement: asked without running it. */
import { z } from 'zod';
import { LOCAL_ORG_ID } from '../../identity/scope.ts';
import type { Database } from '../../storage/database.ts';
import { sqlStateOf } from '../../storage/storage-errors.ts';
import { askAsLogin } from './login-questions.ts';

/** Longer ones are not explained. */
const TEXT_LIMIT = 20_000;
/** Nodes of a plan looked at. */
const MOST_NODES = 500;

export interface PlanFacts {
  /** As the planner reckons, in units of reading a page. */
  total_cost: number;
  /** Tables that are read from end to end, and how many rows come of that. */
  sequential: { table: string; rows: number; filter: string | null }[];
  indexes: string[];
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string | undefined;
  'Index Name'?: string | undefined;
  'Plan Rows': number;
  'Total Cost': number;
  Filter?: string | undefined;
  Plans?: PlanNode[] | undefined;
}

const planNode: z.ZodType<PlanNode> = z.lazy(() =>
  z.object({
    'Node Type': z.string(),
    'Relation Name': z.string().optional(),
    'Index Name': z.string().optional(),
    'Plan Rows': z.number(),
    'Total Cost': z.number(),
    Filter: z.string().optional(),
    Plans: z.array(planNode).optional(),
  }),
);
const explanation = z.array(z.object({ Plan: planNode })).min(1);

/** A single statement that only reads. What the server counts has no values in it, so a semicolon is no part of one. */
export function mayBeExplained(statement: string): boolean {
  return statement.length <= TEXT_LIMIT && /^\s*(select|with)\b/i.test(statement) && !statement.includes(';');
}

/**
 * The plan for whatever values, under the policies that the role is under. Null when the statement is none that may be
 * explained, or the server does not.
 *
 * @throws ArchonError while the database is away
 */
export async function explain(
  database: Pick<Database, 'transaction'>,
  statement: string,
  role: string,
): Promise<PlanFacts | null> {
  if (!mayBeExplained(statement)) return null;
  try {
    const answer = await askAsLogin(database, async (tx) => {
      // Nothing is run; that nothing could be written is one more reason to believe it.
      await tx.sql('SET TRANSACTION READ ONLY');
      await tx.sql(`SELECT set_config('app.current_org_id', $1, true), set_config('role', $2, true)`, [
        LOCAL_ORG_ID,
        role,
      ]);
      return await tx.sql<{ 'QUERY PLAN': unknown }>(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${statement}`);
    });
    return answer.told ? planFacts(answer.items[0]?.['QUERY PLAN']) : null;
  } catch (error) {
    // Of a table that is gone, of a type that only the values told: the statement is slow all the same.
    if (sqlStateOf(error) === '') throw error;
    return null;
  }
}

/** What matters of the answer of EXPLAIN as JSON; null for anything else. */
export function planFacts(answer: unknown): PlanFacts | null {
  const parsed = explanation.safeParse(answer);
  const root = parsed.success ? parsed.data[0]?.Plan : undefined;
  if (root === undefined) return null;
  const facts: PlanFacts = { total_cost: root['Total Cost'], sequential: [], indexes: [] };
  const waiting = [root];
  for (let seen = 0; waiting.length > 0 && seen < MOST_NODES; seen += 1) {
    const node = waiting.pop();
    if (node === undefined) break;
    const { 'Node Type': type, 'Relation Name': table, 'Index Name': index } = node;
    if (type.endsWith('Seq Scan') && table) {
      facts.sequential.push({ table, rows: node['Plan Rows'], filter: node.Filter ?? null });
    }
    if (index && !facts.indexes.includes(index)) facts.indexes.push(index);
    waiting.push(...(node.Plans ?? []));
  }
  return facts;
}
