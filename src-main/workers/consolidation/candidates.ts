/** The working memories that may become long-term ones, and which of them say the same. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Scope } from '../../identity/scope.ts';
import { decayed } from '../../memory/decay.ts';
import type { Transaction } from '../../storage/database.ts';
import type { WorkingRow } from '../../storage/schema.ts';
import { type Statement, saysTheSame, statementOf } from './similarity.ts';

/** The newest so many of a user are looked at. */
const MAX_CANDIDATES = 500;
/** Longer ones are documents, not memories. */
const MAX_TEXT_LENGTH = 20_000;
/** Compared before others get a turn. */
const TURN_AFTER = 50;

const COLUMNS =
  'id, user_id, session_id, memory_type, content, metadata, tags, relevance_score, relevance_at, created_at, updated_at';
/** Not expired, not deleted, and not looked at since it was written. */
export const UNSETTLED =
  'deleted_at IS NULL AND expires_at > $2::timestamptz AND (consolidated_at IS NULL OR consolidated_at < updated_at)';

export type Candidate = Pick<
  WorkingRow,
  | 'id'
  | 'user_id'
  | 'session_id'
  | 'memory_type'
  | 'content'
  | 'metadata'
  | 'tags'
  | 'relevance_score'
  | 'relevance_at'
  | 'created_at'
  | 'updated_at'
> & { access_count: number };

/** Working memories of a user that say the same. */
export interface Group {
  /** The fullest of them; of those the newest. */
  fullest: Candidate;
  statement: Statement;
  members: Candidate[];
}

/** Users with something to look at, in order, after one. */
export async function usersWithCandidates(
  tx: Transaction,
  scope: Scope,
  page: { now: string; after: string | null; slots: readonly number[] | null; limit: number },
): Promise<string[]> {
  const rows = await tx.sql<{ user_id: string }>(
    `SELECT DISTINCT user_id FROM archon_working_memory
     WHERE org_id = $1 AND ${UNSETTLED} AND ($3::text IS NULL OR user_id > $3)
       AND ($4::int[] IS NULL OR archon_user_slot(user_id) = ANY ($4))
     ORDER BY user_id LIMIT $5`,
    [scope.org_id, page.now, page.after, page.slots, page.limit],
  );
  return rows.map(({ user_id }) => user_id);
}

export async function candidatesOf(tx: Transaction, scope: Scope, user_id: string, now: string): Promise<Candidate[]> {
  return await tx.sql<Candidate>(
    `SELECT ${COLUMNS}, access_count FROM archon_working_memory
     WHERE org_id = $1 AND ${UNSETTLED} AND user_id = $3 AND length(content ->> 'text') <= ${MAX_TEXT_LENGTH}
     ORDER BY created_at DESC, id DESC LIMIT ${MAX_CANDIDATES}`,
    [scope.org_id, now, user_id],
  );
}

/** Oldest statement first, so that what was said last is written last. */
export async function groupsOf(candidates: readonly Candidate[]): Promise<Group[]> {
  const groups: Group[] = [];
  /** Groups by each of their words: only those that share one are compared. */
  const byWord = new Map<string, Set<Group>>();
  for (const [index, candidate] of candidates.toReversed().entries()) {
    if (index % TURN_AFTER === TURN_AFTER - 1) await nextTurn();
    const statement = statementOf(candidate.content.text);
    const near = new Set(statement.words.flatMap((word) => [...(byWord.get(word) ?? [])]));
    let group = [...near].find((each) => saysTheSame(each.statement, statement));
    if (group === undefined) {
      group = { fullest: candidate, statement, members: [candidate] };
      groups.push(group);
    } else {
      group.members.push(candidate);
      if (statement.words.length >= group.statement.words.length) {
        group.fullest = candidate;
        group.statement = statement;
      }
    }
    for (const word of statement.words) byWord.set(word, (byWord.get(word) ?? new Set()).add(group));
  }
  return groups.sort((a, b) => (a.fullest.created_at < b.fullest.created_at ? -1 : 1));
}

/** The highest relevance among them now. */
export function relevanceOf(group: Group, now_ms: number, half_life_days: number): number {
  const present = ({ relevance_score, relevance_at }: Candidate) =>
    decayed(relevance_score, Date.parse(relevance_at), now_ms, half_life_days);
  return Math.max(...group.members.map(present));
}
