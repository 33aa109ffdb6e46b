/** What can be done with a worker, and why something cannot be done now. Pure. */
import type { Worker } from '../../../src-contract/index.ts';

export const WORKER_ACTIONS = ['run', 'pause', 'resume', 'restart', 'cancel', 'schedule'] as const;
export type WorkerAction = (typeof WORKER_ACTIONS)[number];

export const ACTION_LABELS: Readonly<Record<WorkerAction, string>> = {
  run: 'Run now',
  pause: 'Pause',
  resume: 'Resume',
  restart: 'Restart',
  cancel: 'Cancel the run',
  schedule: 'Change schedule',
};

const isPaused = ({ state }: Worker): boolean => state.state === 'paused';

/** Pause and resume are one button. */
export const pauseAction = (worker: Worker): 'pause' | 'resume' => (isPaused(worker) ? 'resume' : 'pause');

export interface Circumstances {
  isOnline: boolean;
  /** Why nothing can be changed: the open connection is for reading only. */
  readOnly?: string | undefined;
}

/** Why it cannot be done; undefined when it can. */
export function reasonAgainst(
  action: WorkerAction,
  worker: Worker,
  { isOnline, readOnly }: Circumstances,
): string | undefined {
  if (!isOnline) return 'Archon cannot be reached right now.';
  if (readOnly !== undefined) return readOnly;
  switch (action) {
    case 'run':
      if (isUnderWay(worker)) return 'It is running already: wait for its end, or cancel it.';
      return worker.nodes.length === 0 ? NO_NODE : undefined;
    case 'restart':
      return worker.nodes.length === 0 ? NO_NODE : undefined;
    case 'cancel':
      return worker.active_runs.length === 0 ? 'It does not run, and nothing waits to be run.' : undefined;
    case 'pause':
      return isPaused(worker) ? 'It is paused already.' : undefined;
    case 'resume':
      return isPaused(worker) ? undefined : 'It is not paused.';
    case 'schedule':
      return undefined;
  }
}

/**
 * Restarting something that runs throws away what its run is at; one that only waits has begun nothing. One that is to be
 * run at once may have begun since it was read.
 */
export const needsConsent = (action: WorkerAction, worker: Worker): boolean =>
  action === 'cancel' ||
  (action === 'restart' && (isUnderWay(worker) || worker.active_runs.some(({ status }) => status === 'running')));

const NO_NODE = 'No live node is there for it: start one that has it.';

/** A run that waits to be tried again is not under way: it can be asked for now. */
export const isUnderWay = ({ state }: Worker): boolean =>
  state.state === 'running' || (state.state === 'paused' && state.runs > 0);
