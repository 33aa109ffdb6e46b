/** How the workers are, in one word and in a sentence that says what to do. */
import type { WorkerState, WorkersHealth } from '../../src-contract/index.ts';
import { assertNever } from '../errors.ts';
import { assignSlots, SLOTS } from './shards.ts';
import { boardNode, type NodeRecord } from './worker-store.ts';

type WorkerHealth = WorkersHealth['workers'][number];

export function healthOf(
  nodes: readonly NodeRecord[],
  workers: readonly { name: string; state: WorkerState }[],
  checked_at: string,
): WorkersHealth {
  const live = nodes.filter((node) => node.live);
  const lost = nodes.length - live.length;
  const unassigned = assignSlots(live.map(boardNode)).filter((owner) => owner === null).length / SLOTS;
  const each = workers.map(({ name, state }) => ({ name, state: state.state, ...workerHealth(state) }));
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
