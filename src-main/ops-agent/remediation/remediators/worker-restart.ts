/** Gives a worker that is late, fails or was taken out of service a new start. */
import type { Worker, WorkerRunEntry } from '../../../../src-contract/index.ts';
import { HOW_TO_RUN } from '../../../workers/worker-health.ts';
import type { OpsSources } from '../../deps.ts';
import { type Finding, fact, type Remediator } from '../remediator.ts';

/** For its node to take it up, beyond the time it may take. */
const PATIENCE_MS = 60_000;

interface Sources {
  workers: Pick<OpsSources['workers'], 'list' | 'get' | 'restart'>;
}

export function workerRestart({ workers }: Sources): Remediator {
  return {
    name: 'worker-restart',
    title: 'Restart a worker',
    precondition: 'Nobody paused the worker, and a live node can run it.',
    effect: 'Ends what runs of it, forgets its failures, and begins a run now. What it has done stays done.',
    risk: 'low',
    verification: 'The run that it begins succeeds.',
    done_by: 'anybody',
    limit_ms: 30_000,
    targetOf: ({ worker }) => (worker === undefined ? undefined : { worker }),
    targets: async (scope) =>
      (await workers.list(scope)).items.map((worker) => ({
        target: { worker: worker.name },
        title: worker.title,
        detail: worker.state.state.replaceAll('_', ' '),
        blocked: whyNot(worker),
      })),
    look: async (scope, { worker: name = '' }) => {
      const worker = await workers.get(scope, name);
      return {
        what: `Restart the worker ${worker.title}, and begin a run now.`,
        facts: [
          fact('State', worker.state.state.replaceAll('_', ' ')),
          fact('Failures in a row', worker.counts.failures_in_a_row),
          ...(errorOf(worker) === undefined ? [] : [fact('Last error', errorOf(worker) ?? '')]),
          fact('Live nodes', worker.nodes.length),
        ],
        blocked: whyNot(worker),
      };
    },
    run: async (scope, { worker: name = '' }) => {
      const before = await workers.get(scope, name);
      const known = new Set(runsOf(before).map(({ run_id }) => run_id));
      const error = errorOf(before);
      await workers.restart(scope, name);
      return {
        outcome: `${before.title} was restarted.`,
        ...(error === undefined ? {} : { cause: `Its last run failed with: ${error}` }),
        within_ms: before.timeout_ms + PATIENCE_MS,
        check: async () => judge(before.title, runsOf(await workers.get(scope, name)), known),
      };
    },
  };
}

const runsOf = ({ recent_runs, active_runs }: Worker): WorkerRunEntry[] => [...recent_runs, ...active_runs];

const errorOf = ({ state, last_run }: Worker): string | undefined =>
  'error' in state ? state.error : (last_run?.error ?? undefined);

function whyNot({ state, nodes }: Worker): string | null {
  if (state.state === 'paused') return `${state.by} paused it: only a person resumes it.`;
  return nodes.length === 0 ? `No live node can run it: ${HOW_TO_RUN}.` : null;
}

/** By the runs that came after the restart; all parts of it must have succeeded. */
function judge(title: string, runs: readonly WorkerRunEntry[], known: ReadonlySet<string>): Finding {
  const since = runs.filter(
    ({ run_id, ended_at, status }) => !known.has(run_id) && !(ended_at && status === 'cancelled'),
  );
  const failed = since.find(({ status }) => status === 'failed' || status === 'timed_out' || status === 'interrupted');
  if (failed) return { verdict: 'did_not_help', outcome: `${title} was restarted and failed again: ${failed.error}` };
  if (since.length === 0 || since.some(({ ended_at }) => ended_at === null)) return { verdict: 'not_yet' };
  return { verdict: 'helped', outcome: `${title} was restarted, and its run succeeded.` };
}
