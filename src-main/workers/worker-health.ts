/** How the workers are, in one word and in a sentence that says what to do. */
import type { WorkerState, WorkersHealth } from '../../src-contract/index.ts';
import { assertNever } from '../errors.ts';
import { assignSlots, SLOTS } from './shards.ts';
import { boardNode, type NodeRecord } from './worker-store.ts';

type WorkerHealth = WorkersHealth['workers'][number];

/** What to do when no process is there for a worker. */
export const HOW_TO_RUN = 'start `archon serve` or `archon worker` with what it needs';
/** A time that has come is seen to within seconds. */
const LATE_MS = 300_000;

/** A worker, as far as its health depends on it. */
export interface SeenWorker {
  name: string;
  state: WorkerState;
  /** Live ones that have it. */
  nodes: number;
  /** A node is at a run of it. */
  begun: boolean;
}

export function healthOf(
  nodes: readonly NodeRecord[],
  workers: readonly SeenWorker[],
  checked_at: string,
): WorkersHealth {
  const live = nodes.filter((node) => node.live);
  const lost = nodes.length - live.length;
  const unassigned = assignSlots(live.map(boardNode)).filter((owner) => owner === null).length / SLOTS;
  const each = workers.map((seen) => ({
    name: seen.name,
    state: seen.state.state,
    // Without any node that is said once, not for every worker.
    ...((live.length > 0 && neglectOf(seen, checked_at)) || workerHealth(seen.state)),
  }));
  const problems = [
    ...nodeProblems(live.length, lost, unassigned),
    ...each.filter(({ status }) => status !== 'healthy').map(({ name, detail }) => `${name}: ${detail}`),
  ];
  const unhealthy = live.length === 0 || each.some(({ status }) => status === 'unhealthy');
  return {
    status: unhealthy ? 'unhealthy' : problems.length > 0 ? 'degraded' : 'healthy',
    checked_at,
    detail: problems.length > 0 ? problems.join(' ') : `${workers.length} workers on ${count(live.length, 'node')}.`,
    nodes: { live: live.length, lost },
    unassigned,
    workers: each,
  };
}

function nodeProblems(live: number, lost: number, unassigned: number): string[] {
  if (live === 0) {
    return ['No process runs workers: start `archon worker`, or set workers.enabled for the server.'];
  }
  const problems: string[] = [];
  if (lost > 0) problems.push(`${count(lost, 'node')} not heard of; the others have taken over what they may.`);
  if (unassigned > 0) {
    const percent = Math.round(unassigned * 100);
    problems.push(
      `No node is there for ${percent} % of the users: start the missing --shard, or a node without --shard.`,
    );
  }
  return problems;
}

/** When a run should begin or should have begun; undefined when none is to. */
export function dueSince(state: WorkerState, begun: boolean): string | undefined {
  if (state.state === 'scheduled') return state.next_run_at;
  return state.state === 'running' && !begun ? state.since : undefined;
}

/** What is wrong when nobody looks after a worker; undefined when somebody does, or need not. */
function neglectOf(
  { state, nodes, begun }: SeenWorker,
  checked_at: string,
): Pick<WorkerHealth, 'status' | 'detail'> | undefined {
  if (state.state === 'crashed' || state.state === 'paused') return undefined;
  if (nodes === 0 && state.state !== 'idle') {
    return { status: 'degraded', detail: `No live node can run it: ${HOW_TO_RUN}.` };
  }
  const due_at = dueSince(state, begun);
  if (due_at && Date.parse(checked_at) - Date.parse(due_at) > LATE_MS) {
    return { status: 'degraded', detail: `It is late: due since ${due_at}, and no node has begun it.` };
  }
  return undefined;
}

function workerHealth(state: WorkerState): Pick<WorkerHealth, 'status' | 'detail'> {
  switch (state.state) {
    case 'idle':
      return { status: 'healthy', detail: 'Runs when asked to.' };
    case 'scheduled':
      return { status: 'healthy', detail: `Runs next at ${state.next_run_at}.` };
    case 'running':
      return { status: 'healthy', detail: `Runs since ${state.since}.` };
    case 'paused':
      return { status: 'healthy', detail: `Paused by ${state.by} since ${state.since}.` };
    case 'backing_off':
      return {
        status: 'degraded',
        detail: `Failed ${count(state.failures, 'time')} in a row and is tried again at ${state.until}: ${state.error}.`,
      };
    case 'crashed':
      return {
        status: 'unhealthy',
        detail: `Out of service after ${count(state.failures, 'failure')} in a row: ${state.error}. Restart it when that is mended.`,
      };
    default:
      return assertNever(state);
  }
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
