/** What is said of dead letters and their replays. */
import type { DeadLetterSummary, EventReplay, ReplayRun } from '../../../../src-contract/index.ts';
import type { Tone } from '../../../ui/Badge.tsx';
import { number } from '../../../ui/format.ts';
import type { LetterState } from './letter-filter.ts';

export const STATE_TONES: Record<LetterState, Tone> = {
  dead: 'bad',
  replaying: 'accent',
  resolved: 'ok',
  discarded: 'plain',
};

export const OUTCOME_TONES: Record<EventReplay['outcome']['state'], Tone> = {
  waiting: 'accent',
  resolved: 'ok',
  failed: 'bad',
  cancelled: 'plain',
};

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Ages to choose from, in seconds; others can be written into the URL. */
export const AGES = {
  any: { label: 'Any age', older: undefined, younger: undefined },
  hour: { label: 'In the last hour', older: undefined, younger: HOUR },
  day: { label: 'In the last day', older: undefined, younger: DAY },
  week: { label: 'In the last week', older: undefined, younger: 7 * DAY },
  'over-hour': { label: 'Older than an hour', older: HOUR, younger: undefined },
  'over-day': { label: 'Older than a day', older: DAY, younger: undefined },
  'over-week': { label: 'Older than a week', older: 7 * DAY, younger: undefined },
} as const;
export type AgeName = keyof typeof AGES;
export const AGE_NAMES = Object.keys(AGES) as AgeName[];

export const ageNameOf = (age: { older?: number | undefined; younger?: number | undefined }): AgeName | undefined =>
  AGE_NAMES.find((name) => AGES[name].older === age.older && AGES[name].younger === age.younger);

/** `90 s`, `5 min`, `2.5 h`, `3 days`: of a span in seconds, rounded so that it is read at a glance. */
export function span(seconds: number): string {
  if (seconds < 120) return `${number(Math.ceil(seconds))} s`;
  if (seconds < 2 * HOUR) return `${number(Math.ceil(seconds / 60))} min`;
  if (seconds < 2 * DAY) return `${Math.ceil((seconds / HOUR) * 10) / 10} h`;
  return `${number(Math.ceil(seconds / DAY))} days`;
}

/** `350 ms`, `1.2 s`: how long an attempt took. */
export const took = (duration_ms: number): string =>
  duration_ms < 1000 ? `${number(duration_ms)} ms` : `${(duration_ms / 1000).toFixed(1)} s`;

export const isRunning = ({ waiting }: ReplayRun): boolean => waiting > 0;

/** What can still be cancelled stands first; otherwise in the order they are given. */
export const runningFirst = (runs: readonly ReplayRun[]): ReplayRun[] =>
  runs.toSorted((one, other) => Number(isRunning(other)) - Number(isRunning(one)));

/** From 0 to 1: what of a replay of many is over. */
export const shareOf = ({ total, waiting }: ReplayRun): number => (total === 0 ? 1 : (total - waiting) / total);

/** Why nothing can be done with a letter that is not dead. */
export function lifeInWords({ life }: Pick<DeadLetterSummary, 'life'>): string {
  switch (life.state) {
    case 'dead':
      return 'Nobody has dealt with it.';
    case 'replaying':
      return `It is given to its subscriber once more, as ${life.by} asked.`;
    case 'resolved':
      return 'Its subscriber has taken it.';
    case 'discarded':
      return `${life.by} gave it up.`;
  }
}
