/** How a worker and its runs are, in words. Pure: the time is handed in. */
import type { Worker, WorkerRunEntry, WorkerState } from '../../../src-contract/index.ts';
import type { Tone } from '../../ui/Badge.tsx';
import { duration, longDuration } from '../../ui/duration.ts';
import { number, plural } from '../../ui/format.ts';

export type WorkerStateName = WorkerState['state'];

export const STATES: Readonly<Record<WorkerStateName, { label: string; tone: Tone }>> = {
  idle: { label: 'Idle', tone: 'plain' },
  scheduled: { label: 'Scheduled', tone: 'ok' },
  running: { label: 'Running', tone: 'accent' },
  paused: { label: 'Paused', tone: 'plain' },
  backing_off: { label: 'Backing off', tone: 'warn' },
  crashed: { label: 'Crashed', tone: 'bad' },
};

/** One sentence about how it is now. */
export function stateSentence({ state, active_runs }: Worker, now_ms: number): string {
  switch (state.state) {
    case 'idle':
      return 'Runs when it is asked to, and at no other time.';
    case 'scheduled':
      return `Runs next ${untilWords(state.next_run_at, now_ms)}.`;
    case 'running':
      return `Running for ${elapsed(state.since, now_ms)}: ${progressWords(active_runs)}.`;
    case 'paused': {
      const begun = state.runs > 0 ? ` ${plural(state.runs, 'run')} still ${state.runs === 1 ? 'goes' : 'go'} on.` : '';
      return `Paused by ${state.by}, for ${elapsed(state.since, now_ms)}.${begun}`;
    }
    case 'backing_off':
      return `Failed ${inARow(state.failures)}; tried again ${untilWords(state.until, now_ms)}.`;
    case 'crashed': {
      const chance = state.next_run_at === null ? '' : ` Gets another chance ${untilWords(state.next_run_at, now_ms)}.`;
      return `Out of service for ${elapsed(state.since, now_ms)}, after it failed ${inARow(state.failures)}.${chance}`;
    }
  }
}

/** What its state says went wrong. */
export const stateError = (state: WorkerState): string | undefined =>
  state.state === 'backing_off' || state.state === 'crashed' ? state.error : undefined;

/** Since when it fails: the end of the first run of those that failed since it last succeeded, as far as is known. */
export function failingSince({ recent_runs, state }: Worker): string | undefined {
  const lastGood = recent_runs.findLastIndex(({ status }) => status === 'succeeded');
  const first = recent_runs.slice(lastGood + 1).find(isFailure);
  return first?.ended_at ?? (state.state === 'crashed' ? state.since : undefined);
}

const inARow = (failures: number): string => (failures === 1 ? 'once' : `${number(failures)} times in a row`);

/** `in 4 min 12 s`; `now` when it is due. */
export function untilWords(time: string, now_ms: number): string {
  const rest_ms = Date.parse(time) - now_ms;
  return rest_ms < 1000 ? 'now' : `in ${longDuration(rest_ms)}`;
}

export const elapsed = (since: string, now_ms: number): string => longDuration(now_ms - Date.parse(since));

/** Of all that run or wait, together. */
export function progressWords(runs: readonly WorkerRunEntry[]): string {
  const items = runs.reduce((sum, run) => sum + run.items, 0);
  const changed = runs.reduce((sum, run) => sum + run.changed, 0);
  const waiting = runs.filter(({ status }) => status === 'queued').length;
  const parts = waiting === runs.length ? 'it waits for a node' : workWords(items, changed);
  return runs.length > 1 ? `${parts}, in ${plural(runs.length, 'run')}` : parts;
}

export const workWords = (items: number, changed: number): string =>
  `${number(items)} looked at, ${number(changed)} changed`;

export const OUTCOMES: Readonly<Record<WorkerRunEntry['status'], { label: string; tone: Tone }>> = {
  queued: { label: 'Waits', tone: 'plain' },
  running: { label: 'Running', tone: 'accent' },
  succeeded: { label: 'Succeeded', tone: 'ok' },
  failed: { label: 'Failed', tone: 'bad' },
  cancelled: { label: 'Cancelled', tone: 'plain' },
  timed_out: { label: 'Stood still', tone: 'bad' },
  interrupted: { label: 'Interrupted', tone: 'warn' },
};

export const TRIGGERS: Readonly<Record<WorkerRunEntry['trigger'], string>> = {
  schedule: 'Schedule',
  manual: 'By hand',
  retry: 'Tried again',
};

/** Did not come to its end, and nobody wanted that. */
export const isFailure = ({ status }: WorkerRunEntry): boolean =>
  status === 'failed' || status === 'timed_out' || status === 'interrupted';

/** What a sparkline of the runs shows, for those who do not see it. */
export function runsInWords(runs: readonly WorkerRunEntry[]): string {
  const times = runs.map(({ duration_ms }) => duration_ms).filter((ms) => ms !== null);
  const last = times.at(-1);
  if (last === undefined) return 'No runs yet';
  const failed = runs.filter(isFailure).length;
  const range = `${duration(Math.min(...times))} to ${duration(Math.max(...times))}`;
  return `Duration of the last ${plural(runs.length, 'run')}: ${range}, the newest ${duration(last)}; ${failed === 0 ? 'none' : number(failed)} failed`;
}
