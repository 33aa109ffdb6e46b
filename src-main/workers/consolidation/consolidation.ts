/** Promotes what proved worth keeping from working to long-term memory. */
import type { MemoryControls, WorkerSchedule } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import type { MemoryControlSettings } from '../../memory/memory-controls.ts';
import type { MemorySettings } from '../../memory/memory-settings.ts';
import type { Database } from '../../storage/database.ts';
import type { RunContext, WorkerDefinition } from '../worker.ts';
import { candidatesOf, type Group, groupsOf, relevanceOf, usersWithCandidates } from './candidates.ts';
import type { Importance, ImportanceScorer } from './importance.ts';
import { promote } from './promotion.ts';

const USERS_AT_A_TIME = 50;
/** Statements written in one transaction. */
const WRITTEN_AT_A_TIME = 10;

export interface ConsolidationDeps {
  database: Pick<Database, 'withScope'>;
  controls: Pick<MemoryControlSettings, 'effective'>;
  scorer: ImportanceScorer;
  settings: () => MemorySettings;
  schedule: WorkerSchedule;
  /** From this score on, 0–1, it is kept. */
  min_score: number;
}

interface Judged {
  group: Group;
  importance: Importance;
}

export function consolidationWorker(deps: ConsolidationDeps): WorkerDefinition {
  return {
    name: 'consolidation',
    title: 'Consolidation',
    description:
      'Promotes working memories that are relevant, repeated or often used to long-term memory; repeated ones become one, and a changed fact supersedes the old one.',
    spread: 'users',
    schedule: deps.schedule,
    timeout_ms: 120_000,
    run: (context) => consolidate(deps, context),
  };
}

async function consolidate(deps: ConsolidationDeps, context: RunContext): Promise<void> {
  const { scope, clock, shard } = context;
  let after = typeof context.checkpoint?.after === 'string' ? context.checkpoint.after : null;
  for (;;) {
    const now = isoTime(clock.now());
    const page = { now, after, slots: shard?.slots ?? null, limit: USERS_AT_A_TIME };
    const users = await deps.database.withScope(scope, (tx) => usersWithCandidates(tx, scope, page));
    for (const user_id of users) {
      await consolidateUser(deps, context, user_id);
      after = user_id;
    }
    if (users.length < USERS_AT_A_TIME) return;
  }
}

async function consolidateUser(deps: ConsolidationDeps, context: RunContext, user_id: string): Promise<void> {
  const { scope, clock } = context;
  const done = { after: user_id };
  if (!mayKeep(await deps.controls.effective(scope, user_id))) {
    await context.progress({ items: 0, changed: 0, checkpoint: done });
    return;
  }
  const now = isoTime(clock.now());
  const candidates = await deps.database.withScope(scope, (tx) => candidatesOf(tx, scope, user_id, now));
  const judged = await worthKeeping(deps, context, await groupsOf(candidates));
  for (let start = 0; start < judged.length; start += WRITTEN_AT_A_TIME) {
    await writeSome(deps, context, judged.slice(start, start + WRITTEN_AT_A_TIME));
  }
  await context.progress({ items: candidates.length, changed: 0, checkpoint: done });
}

/** Who wants no memory of a layer wants none made there, nor from what is there. */
const mayKeep = ({ enabled, layers }: MemoryControls): boolean => enabled && layers.working && layers.longterm;

async function worthKeeping(deps: ConsolidationDeps, context: RunContext, groups: readonly Group[]): Promise<Judged[]> {
  if (groups.length === 0) return [];
  const { relevance_half_life_days } = deps.settings();
  const now_ms = context.clock.now();
  const requests = groups.map((group) => ({
    user_id: group.fullest.user_id,
    text: group.fullest.content.text,
    memory_type: group.fullest.memory_type,
    relevance: relevanceOf(group, now_ms, relevance_half_life_days),
    repetitions: group.members.length,
    accesses: group.members.reduce((sum, { access_count }) => sum + access_count, 0),
  }));
  const importances = await deps.scorer.score(context.scope, requests, context.signal);
  return groups.flatMap((group, index) => {
    const importance = importances[index];
    return importance !== undefined && importance.score >= deps.min_score ? [{ group, importance }] : [];
  });
}

async function writeSome(deps: ConsolidationDeps, context: RunContext, judged: readonly Judged[]): Promise<void> {
  const now_ms = context.clock.now();
  await context.batch(async (tx) => {
    let changed = 0;
    for (const each of judged) {
      const promoted = await promote(tx, context.scope, { ...each, now_ms, settings: deps.settings() });
      if (promoted === 'created' || promoted === 'superseded') changed += 1;
    }
    return { items: 0, changed };
  });
}
