/** How all of the workers are, in a sentence; and what is wrong, since when, and what to do. */
import type { Worker, WorkerNode, WorkersHealth } from '../../../src-contract/index.ts';
import { visibleText } from '../../ui/content/visible-text.ts';
import { plural } from '../../ui/format.ts';
import { failingSince, stateError } from './worker-words.ts';

export interface HealthProblem {
  key: string;
  what: string;
  since: string | undefined;
  error: string | undefined;
  todo: string;
  /** The worker it is about. */
  worker: string | undefined;
}

export interface HealthWords {
  tone: 'ok' | 'warn' | 'bad';
  sentence: string;
  problems: readonly HealthProblem[];
}

const TONES = { healthy: 'ok', degraded: 'warn', unhealthy: 'bad' } as const;

export function healthWords(
  health: WorkersHealth,
  workers: readonly Worker[],
  nodes: readonly WorkerNode[] = [],
): HealthWords {
  const tone = TONES[health.status];
  const problems = [
    ...nodeProblems(health, nodes),
    ...health.workers.filter(({ status }) => status !== 'healthy').map((each) => workerProblem(each, workers)),
  ];
  if (health.status === 'healthy') {
    return { tone, sentence: `${allAreWell(health.workers.length)}${pausedWords(health, workers)}`, problems: [] };
  }
  return { tone, sentence: troubleWords(health), problems };
}

function allAreWell(count: number): string {
  if (count === 0) return 'There are no workers.';
  return count === 1 ? 'The worker is well.' : `All ${count} workers are well.`;
}

function pausedWords(health: WorkersHealth, workers: readonly Worker[]): string {
  const paused = health.workers.filter(({ state }) => state === 'paused').map(({ name }) => titleOf(name, workers));
  if (paused.length === 0) return '';
  return paused.length === 1 ? ` ${paused[0]} is paused.` : ` ${paused.length} are paused: ${paused.join(', ')}.`;
}

function troubleWords({ nodes, workers, unassigned }: WorkersHealth): string {
  if (nodes.live === 0) return 'No process runs workers.';
  const ill = workers.filter(({ status }) => status !== 'healthy').length;
  if (ill > 0) return `${ill} of ${plural(workers.length, 'worker')} ${ill === 1 ? 'is' : 'are'} not well.`;
  if (unassigned > 0) return 'The workers are well, but nobody works for some of the users.';
  return `The workers are well, but ${plural(nodes.lost, 'node')} ${nodes.lost === 1 ? 'is' : 'are'} not heard of.`;
}

function nodeProblems({ nodes: count, unassigned }: WorkersHealth, nodes: readonly WorkerNode[]): HealthProblem[] {
  const lost = nodes.filter(({ status }) => status === 'lost').map(({ heartbeat_at }) => heartbeat_at);
  if (count.live === 0) {
    return [
      {
        key: 'no-node',
        what: 'Nothing is tidied up, and no memories are promoted, until a process does it.',
        since: lost.sort().at(-1),
        error: undefined,
        todo: 'Set workers.enabled to true (ARCHON_WORKERS_ENABLED=true) and start Archon again; or, with a PostgreSQL server, start “archon worker”.',
        worker: undefined,
      },
    ];
  }
  const problems: HealthProblem[] = [];
  if (count.lost > 0) {
    problems.push({
      key: 'lost-nodes',
      what: `${plural(count.lost, 'node')} ${count.lost === 1 ? 'is' : 'are'} not heard of; the others have taken over what they may.`,
      since: lost.sort().at(0),
      error: undefined,
      todo: `Start ${count.lost === 1 ? 'it' : 'them'} again, unless that is as it should be.`,
      worker: undefined,
    });
  }
  if (unassigned > 0) {
    problems.push({
      key: 'unassigned',
      what: `No node is there for ${percent(unassigned)} of the users.`,
      since: undefined,
      error: undefined,
      todo: 'Start the part that is missing (“archon worker --shard”), or a node without --shard.',
      worker: undefined,
    });
  }
  return problems;
}

function workerProblem(health: WorkersHealth['workers'][number], workers: readonly Worker[]): HealthProblem {
  const worker = workers.find(({ name }) => name === health.name);
  // Without a node its last error is not what is wrong, and what is wrong is said with what to do.
  const isAlone = worker?.nodes.length === 0 && health.state !== 'crashed';
  const error = worker && !isAlone ? stateError(worker.state) : undefined;
  const title = worker?.title ?? health.name;
  const isOut = health.state === 'crashed';
  return {
    key: `worker-${health.name}`,
    // The list may have been read a moment before it failed.
    what:
      error === undefined
        ? `${title}: ${visibleText(health.detail)}`
        : `${title} ${isOut ? 'is out of service' : 'fails'}.`,
    since: worker && failingSince(worker),
    error: error === undefined ? undefined : visibleText(error),
    todo: isOut
      ? 'Mend what the error says, then restart it.'
      : error === undefined
        ? 'It runs as soon as a node begins it.'
        : 'It is tried again by itself. Once what the error says is mended, “Run now” does not wait for that.',
    worker: health.name,
  };
}

const titleOf = (name: string, workers: readonly Worker[]): string =>
  workers.find((worker) => worker.name === name)?.title ?? name;

/** `25 %`; never 0 or 100 for what is neither. */
export function percent(part: number): string {
  const rounded = Math.round(part * 100);
  if (part > 0 && rounded === 0) return '< 1 %';
  if (part < 1 && rounded === 100) return '> 99 %';
  return `${rounded} %`;
}
