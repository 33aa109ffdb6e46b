/** Makes a long-term memory of what several working memories say, unless there is one already. */
import { v7 as uuidv7 } from 'uuid';
import { isoTime } from '../../clock.ts';
import type { Scope } from '../../identity/scope.ts';
import { readControls } from '../../memory/control-settings.ts';
import { newLongTermRow } from '../../memory/longterm-memory.ts';
import { type ControlsBase, effectiveControls } from '../../memory/memory-controls.ts';
import type { MemorySettings } from '../../memory/memory-settings.ts';
import { longTermTable } from '../../memory/memory-table.ts';
import type { Transaction } from '../../storage/database.ts';
import type { LongTermRow, WorkingRow } from '../../storage/schema.ts';
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
 * memories are not what was judged, or their user wants none kept; the next run looks again.
 */
export type Promoted = 'created' | 'superseded' | 'known' | 'outdated' | 'changed';

/** What is read of the fullest when it is kept. */
type Kept = Pick<WorkingRow, 'content' | 'metadata'>;

export async function promote(
  tx: Transaction,
  scope: Scope,
  {
    group,
    importance,
    now_ms,
    settings,
    controls,
  }: { group: Group; importance: Importance; now_ms: number; settings: MemorySettings; controls: ControlsBase },
): Promise<Promoted> {
  const [mayKeep, kept] = await Promise.all([
    mayKeepOf(tx, scope, group.fullest.user_id, controls),
    lockAsJudged(tx, scope, group, isoTime(now_ms)),
  ]);
  if (!mayKeep || kept === undefined) return 'changed';
  const promoted = await write(tx, scope, { ...group, kept }, importance, now_ms, settings);
  // Settled as it is: by the time of its own last change, which may have been set by another clock.
  await tx.sql(
    'UPDATE archon_working_memory SET consolidated_at = updated_at WHERE org_id = $1 AND id = ANY ($2::uuid[])',
    [scope.org_id, group.members.map(({ id }) => id)],
  );
  return promoted;
}

/** Who wants no memory of a layer wants none made there, nor from what is there: as it is now, not as it was known. */
export async function mayKeepOf(
  tx: Transaction,
  scope: Scope,
  user_id: string,
  controls: ControlsBase,
): Promise<boolean> {
  const { enabled, layers } = effectiveControls(await readControls(tx, scope, user_id), user_id, controls);
  return enabled && layers.working && layers.longterm;
}

async function write(
  tx: Transaction,
  scope: Scope,
  group: Group & { kept: Kept },
  importance: Importance,
  now_ms: number,
  settings: MemorySettings,
): Promise<Exclude<Promoted, 'changed'>> {
  const near = await nearMemories(tx, scope, group, settings);
  const fact = factOf(group.fullest.text);
  if (near.some(({ content }) => isKnownBy(content.text, group, fact))) return 'known';
  const next = newRow(scope, group, importance, now_ms, settings);
  const before = replacedBy(near, fact);
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

/** What the fullest holds, when every member is still as it was judged; then nobody changes it before the end. */
async function lockAsJudged(
  tx: Transaction,
  scope: Scope,
  { fullest, members }: Group,
  now: string,
): Promise<Kept | undefined> {
  const rows = await tx.sql<{ id: string; updated_at: string } & Kept>(
    `SELECT id, updated_at, CASE WHEN id = $4 THEN content END AS content, CASE WHEN id = $4 THEN metadata END AS metadata
     FROM archon_working_memory
     WHERE org_id = $1 AND ${UNSETTLED} AND id = ANY ($3::uuid[]) ORDER BY id FOR UPDATE`,
    [scope.org_id, now, members.map(({ id }) => id), fullest.id],
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  if (members.some(({ id, updated_at }) => found.get(id)?.updated_at !== updated_at)) return undefined;
  return found.get(fullest.id);
}

/** Said already: in as good as the same words, or as the same answer to the same question. */
function isKnownBy(text: string, { fullest, statement }: Group, fact: Fact | undefined): boolean {
  if (text === fullest.text || saysTheSame(statementOf(text), statement)) return true;
  const known = fact && factOf(text);
  return known !== undefined && known.key === fact?.key && known.value === fact.value;
}

/** Current long-term memories of the user with the same words, locked, the nearest first. */
async function nearMemories(
  tx: Transaction,
  scope: Scope,
  { fullest }: Group,
  settings: MemorySettings,
): Promise<LongTermRow[]> {
  const found = await tx.sql<{ id: string }>(
    // What has no words that could be searched for is known by its text alone.
    `WITH wanted AS MATERIALIZED (SELECT archon_query_words($2, $3) AS words)
     SELECT near.id FROM wanted,
       archon_search_longterm($1, words, NULL, NULL, NULL, NULL, NULL, NULL, NULL, ${MAX_COMPARED}) AS near
     UNION ALL
     SELECT id FROM archon_longterm_memory
     WHERE (SELECT words FROM wanted) IS NULL AND org_id = $4 AND user_id = $1
       AND valid_to IS NULL AND deleted_at IS NULL AND content ->> 'text' = $3`,
    [fullest.user_id, settings.search_language, fullest.text, scope.org_id],
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
  { fullest, members, kept }: Group & { kept: Kept },
  { score, memory_type }: Importance,
  now_ms: number,
  settings: MemorySettings,
): LongTermRow {
  const { user_id, session_id, created_at } = fullest;
  const { content, metadata } = kept;
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
