/** Makes a long-term memory of what several working memories say, unless there is one already. */
import { v7 as uuidv7 } from 'uuid';
import { isoTime } from '../../clock.ts';
import type { Scope } from '../../identity/scope.ts';
import { newLongTermRow } from '../../memory/longterm-memory.ts';
import type { MemorySettings } from '../../memory/memory-settings.ts';
import { longTermTable } from '../../memory/memory-table.ts';
import type { Transaction } from '../../storage/database.ts';
import type { LongTermRow } from '../../storage/schema.ts';
import { type Group, UNSETTLED } from './candidates.ts';
import { type Fact, factOf } from './facts.ts';
import type { Importance } from './importance.ts';
import { saysTheSame, statementOf } from './similarity.ts';

/** Long-term memories that share words with a statement and are compared with it. */
const MAX_COMPARED = 20;
const MAX_TAGS = 100;
const MAX_WORKING_IDS = 1000;

/**
 * `known`: a long-term memory says it already. `outdated`: a newer one says otherwise. `changed`: meanwhile the working
 * memories are not what was judged; the next run looks again.
 */
export type Promoted = 'created' | 'superseded' | 'known' | 'outdated' | 'changed';

export async function promote(
  tx: Transaction,
  scope: Scope,
  {
    group,
    importance,
    now_ms,
    settings,
  }: { group: Group; importance: Importance; now_ms: number; settings: MemorySettings },
): Promise<Promoted> {
  const now = isoTime(now_ms);
  if (!(await lockAsJudged(tx, scope, group, now))) return 'changed';
  const promoted = await write(tx, scope, group, importance, now_ms, settings);
  await tx.sql('UPDATE archon_working_memory SET consolidated_at = $3 WHERE org_id = $1 AND id = ANY ($2::uuid[])', [
    scope.org_id,
    group.members.map(({ id }) => id),
    now,
  ]);
  return promoted;
}

async function write(
  tx: Transaction,
  scope: Scope,
  group: Group,
  importance: Importance,
  now_ms: number,
  settings: MemorySettings,
): Promise<Exclude<Promoted, 'changed'>> {
  const near = await nearMemories(tx, scope, group, settings);
  if (near.some(({ content }) => saysTheSame(statementOf(content.text), group.statement))) return 'known';
  const next = newRow(scope, group, importance, now_ms, settings);
  const before = replacedBy(near, factOf(group.fullest.content.text));
  if (before === undefined) {
    await tx.run(longTermTable.creation(scope, [next]));
    return 'created';
  }
  if (before.valid_from >= next.valid_from) return 'outdated';
  const now = isoTime(now_ms);
  const after: LongTermRow = { ...before, valid_to: next.valid_from, superseded_by: next.id, updated_at: now };
  await longTermTable.writeBack(tx, scope, [{ before, after }], 'superseded', now, (row) => ({
    type: 'memory.longterm.superseded',
    user_id: row.user_id,
    payload: { memory_id: row.id, memory_type: row.memory_type, superseded_by: next.id },
  }));
  await tx.run(longTermTable.creation(scope, [next]));
  return 'superseded';
}

/** True when every member is still as it was judged; then nobody changes it before the end of the transaction. */
async function lockAsJudged(tx: Transaction, scope: Scope, { members }: Group, now: string): Promise<boolean> {
  const rows = await tx.sql<{ id: string; updated_at: string }>(
    `SELECT id, updated_at FROM archon_working_memory
     WHERE org_id = $1 AND ${UNSETTLED} AND id = ANY ($3::uuid[]) ORDER BY id FOR UPDATE`,
    [scope.org_id, now, members.map(({ id }) => id)],
  );
  const found = new Map(rows.map(({ id, updated_at }) => [id, updated_at]));
  return members.every(({ id, updated_at }) => found.get(id) === updated_at);
}

/** Current long-term memories of the user with the same words, locked, the nearest first. */
async function nearMemories(
  tx: Transaction,
  scope: Scope,
  { fullest }: Group,
  settings: MemorySettings,
): Promise<LongTermRow[]> {
  const found = await tx.sql<{ id: string }>(
    `SELECT id FROM archon_search_longterm($1, archon_query_words($2, $3), NULL, NULL, NULL, NULL, NULL, NULL, NULL, ${MAX_COMPARED})`,
    [fullest.user_id, settings.search_language, fullest.content.text],
  );
  const rows = await longTermTable.lock(
    tx,
    scope,
    found.map(({ id }) => id),
  );
  const current = new Map(
    rows.filter((row) => row.valid_to === null && row.deleted_at === null).map((row) => [row.id, row]),
  );
  return found.flatMap(({ id }) => current.get(id) ?? []);
}

/** The one that says something else about the same; none when several do, or when somebody has pinned it. */
function replacedBy(near: readonly LongTermRow[], fact: Fact | undefined): LongTermRow | undefined {
  if (fact === undefined) return undefined;
  const about = near.filter(({ content }) => factOf(content.text)?.key === fact.key);
  const [only] = about;
  return about.length === 1 && !only?.pinned ? only : undefined;
}

function newRow(
  scope: Scope,
  { fullest, members }: Group,
  { score, memory_type }: Importance,
  now_ms: number,
  settings: MemorySettings,
): LongTermRow {
  const { user_id, content, metadata, session_id, created_at } = fullest;
  return {
    ...newLongTermRow(
      scope,
      {
        user_id,
        memory_type,
        content,
        metadata,
        tags: [...new Set(members.flatMap(({ tags }) => tags))].slice(0, MAX_TAGS),
        provenance: {
          source: 'consolidation',
          ...(session_id === null ? {} : { session_id }),
          working_ids: members.map(({ id }) => id).slice(-MAX_WORKING_IDS),
        },
        importance_score: Math.min(1, Math.max(0, score)),
        valid_from: created_at,
      },
      now_ms,
      settings,
    ),
    id: uuidv7(),
  };
}
