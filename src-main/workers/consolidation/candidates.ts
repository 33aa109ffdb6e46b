/** The working memories that may become long-term ones, and which of them say the same. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import type { Scope } from '../../identity/scope.ts';
import { decayed } from '../../memory/decay.ts';
import type { Transaction } from '../../storage/database.ts';
import type { WorkingRow } from '../../storage/schema.ts';
import { type Statement, saysTheSame, statementOf } from './similarity.ts';

/** Looked at together: what says the same is found among so many that were said one after the other. */
export const WINDOW = 500;
/** Longer ones are documents, not memories. */
const MAX_TEXT_LENGTH = 20_000;
/** Before all others. */
const NO_ID = '00000000-0000-0000-0000-000000000000';
/** Compared before others get a turn. */
const TURN_AFTER = 50;

/** Of what was said the text alone: the rest can be large, and is read when it is kept. */
const COLUMNS =
  "id, user_id, session_id, memory_type, content ->> 'text' AS text, tags, relevance_score, relevance_at, created_at, updated_at";
/** Not expired, not deleted, and not looked at since it was written. */
export const UNSETTLED =
  'deleted_at IS NULL AND expires_at > $2::timestamptz AND (consolidated_at IS NULL OR consolidated_at < updated_at)';

export type Candidate = Pick<
  WorkingRow,
  | 'id'
  | 'user_id'
  | 'session_id'
  | 'memory_type'
  | 'tags'
  | 'relevance_score'
  | 'relevance_at'
  | 'created_at'
  | 'updated_at'
> & { text: string; access_count: number };

/** Where in what a user said a window ended. */
export const placeSchema = z.object({ created_at: z.iso.datetime(), id: z.uuid() });
export type Place = z.infer<typeof placeSchema>;

/** Working memories of a user that say the same. */
export interface Group {
  /** The fullest of them; of those the newest. */
  fullest: Candidate;
  statement: Statement;
  members: Candidate[];
}

/** Users with something to look at, in order, after one. Jumps from user to user instead of reading every memory. */
export async function usersWithCandidates(
  tx: Transaction,
  scope: Scope,
  page: { now: string; after: string | null; slots: readonly number[] | null; limit: number },
): Promise<string[]> {
  const next = (after: string) =>
    `(SELECT user_id FROM archon_working_memory WHERE org_id = $1 AND user_id > ${after} ORDER BY user_id LIMIT 1)`;
  const rows = await tx.sql<{ user_id: string }>(
    `WITH RECURSIVE names (user_id) AS (
       SELECT ${next("coalesce($3, '')")}
       UNION ALL
       SELECT ${next('names.user_id')} FROM names WHERE names.user_id IS NOT NULL
     )
     SELECT user_id FROM names
     WHERE user_id IS NOT NULL AND ($4::int[] IS NULL OR archon_user_slot(user_id) = ANY ($4))
       AND EXISTS (SELECT FROM archon_working_memory AS m WHERE m.org_id = $1 AND m.user_id = names.user_id AND ${UNSETTLED})
     LIMIT $5`,
    [scope.org_id, page.now, page.after, page.slots, page.limit],
  );
  return rows.map(({ user_id }) => user_id);
}

/** Some of what a user said and nobody has settled yet, the oldest first. */
export async function candidatesOf(
  tx: Transaction,
  scope: Scope,
  { user_id, now, after }: { user_id: string; now: string; after: Place | null },
): Promise<Candidate[]> {
  return await tx.sql<Candidate>(
    `SELECT ${COLUMNS}, access_count FROM archon_working_memory
     WHERE org_id = $1 AND ${UNSETTLED} AND user_id = $3 AND length(content ->> 'text') <= ${MAX_TEXT_LENGTH}
       AND (created_at, id) > ($4::timestamptz, $5::uuid)
     ORDER BY created_at, id LIMIT ${WINDOW}`,
    [scope.org_id, now, user_id, after?.created_at ?? '-infinity', after?.id ?? NO_ID],
  );
}

/** Oldest statement first, so that what was said last is written last. */
export async function groupsOf(candidates: readonly Candidate[]): Promise<Group[]> {
  const groups: Group[] = [];
  /** Groups by each of their words: only those that share one are compared. */
  const byWord = new Map<string, Set<Group>>();
  for (const [index, candidate] of candidates.entries()) {
    if (index % TURN_AFTER === TURN_AFTER - 1) await nextTurn();
    const statement = statementOf(candidate.text);
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
