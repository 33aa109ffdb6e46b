/** Promotes what proved worth keeping from working to long-term memory. */
import { z } from 'zod';
import { isoTime } from '../../clock.ts';
import type { Scope } from '../../identity/scope.ts';
import { BUILT_IN, type ControlsBase } from '../../memory/memory-controls.ts';
import type { MemorySettingsOf } from '../../memory/memory-settings.ts';
import type { Database } from '../../storage/database.ts';
import type { RunContext, WorkerDefinition } from '../worker.ts';
import {
  type Candidate,
  candidatesOf,
  type Group,
  groupsOf,
  type Place,
  placeSchema,
  relevanceOf,
  usersWithCandidates,
  WINDOW,
} from './candidates.ts';
import type { Importance, ImportanceScorer } from './importance.ts';
import { mayKeepOf, promote } from './promotion.ts';

const USERS_AT_A_TIME = 50;

export interface ConsolidationDeps {
  database: Pick<Database, 'withScope'>;
  scorer: ImportanceScorer;
  settings: MemorySettingsOf;
  schedule: WorkerDefinition['schedule'];
  /** From this score on, 0–1, it is kept. */
  min_score(scope: Scope): number;
  /** What the configuration says of the controls of memory; without it what is built in. */
  controls?: (() => ControlsBase) | undefined;
}

interface Judged {
  group: Group;
  importance: Importance;
}

/** The last user who is done, and how far it came with the one after. */
const checkpointSchema = z.object({
  after: z.string().nullable(),
  within: placeSchema.extend({ user_id: z.string() }).optional(),
});
type Checkpoint = z.infer<typeof checkpointSchema>;

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
  let checkpoint: Checkpoint = checkpointSchema.safeParse(context.checkpoint).data ?? { after: null };
  for (;;) {
    const now = isoTime(clock.now());
    const page = { now, after: checkpoint.after, slots: shard?.slots ?? null, limit: USERS_AT_A_TIME };
    const users = await deps.database.withScope(scope, (tx) => usersWithCandidates(tx, scope, page));
    for (const user_id of users) {
      await consolidateUser(deps, context, user_id, checkpoint);
      checkpoint = { after: user_id };
    }
    if (users.length < USERS_AT_A_TIME) return;
  }
}

/** One window after the other: what somebody said can be more than fits into memory. */
async function consolidateUser(
  deps: ConsolidationDeps,
  context: RunContext,
  user_id: string,
  { after, within }: Checkpoint,
): Promise<void> {
  let place: Place | null = within?.user_id === user_id ? within : null;
  for (;;) {
    const candidates = await readWindow(deps, context, user_id, place);
    const judged = await worthKeeping(deps, context, await groupsOf(candidates));
    // Each in a transaction of its own: it searches what the user has, and locks what it finds.
    for (const each of judged) await write(deps, context, each);
    const last = candidates.at(-1);
    const isOver = last === undefined || candidates.length < WINDOW;
    if (last !== undefined) place = { created_at: last.created_at, id: last.id };
    const checkpoint = isOver || place === null ? { after: user_id } : { after, within: { user_id, ...place } };
    await context.progress({ items: candidates.length, changed: 0, checkpoint });
    if (isOver) return;
  }
}

/** Nothing of a user who wants none of it kept: it is not even shown to the scorer. */
async function readWindow(
  { database, controls = () => BUILT_IN }: ConsolidationDeps,
  { scope, clock }: RunContext,
  user_id: string,
  after: Place | null,
): Promise<Candidate[]> {
  const now = isoTime(clock.now());
  const [mayKeep, candidates] = await database.withScope(scope, (tx) =>
    Promise.all([mayKeepOf(tx, scope, user_id, controls()), candidatesOf(tx, scope, { user_id, now, after })]),
  );
  return mayKeep ? candidates : [];
}

async function worthKeeping(deps: ConsolidationDeps, context: RunContext, groups: readonly Group[]): Promise<Judged[]> {
  if (groups.length === 0) return [];
  const { relevance_half_life_days } = deps.settings(context.scope);
  const now_ms = context.clock.now();
  const requests = groups.map((group) => ({
    user_id: group.fullest.user_id,
    text: group.fullest.text,
    memory_type: group.fullest.memory_type,
    relevance: relevanceOf(group, now_ms, relevance_half_life_days),
    repetitions: group.members.length,
    accesses: group.members.reduce((sum, { access_count }) => sum + access_count, 0),
  }));
  const min_score = deps.min_score(context.scope);
  const importances = await deps.scorer.score(context.scope, requests, context.signal);
  return groups.flatMap((group, index) => {
    const importance = importances[index];
    return importance !== undefined && importance.score >= min_score ? [{ group, importance }] : [];
  });
}

async function write(deps: ConsolidationDeps, context: RunContext, judged: Judged): Promise<void> {
  const { scope } = context;
  const now_ms = context.clock.now();
  const { controls = () => BUILT_IN } = deps;
  await context.batch(async (tx) => {
    const how = { now_ms, settings: deps.settings(scope), controls: controls() };
    const promoted = await promote(tx, scope, { ...judged, ...how });
    return { items: 0, changed: promoted === 'created' || promoted === 'superseded' ? 1 : 0 };
  });
}
