/**
 * Makes one of the rounds of a minute that say the same, so that short intervals do not fill the disk.
 *
 * What reports count stays as it was: the time that is spoken for, how each component was in it, and rates are their mean
 * over it. Of everything else the newest holds, as with an interval of a minute.
 */
import { OPS_SIGNALS } from '../../../src-contract/index.ts';
import type { LoggedRound, ObservedValue } from './round-log.ts';

/** Two rounds with less between them than this follow one another. */
const GAP_MS = 1000;

/** @param rounds of one minute, oldest first */
export function thinned(rounds: readonly LoggedRound[]): LoggedRound[] {
  const kept: LoggedRound[] = [];
  for (const round of rounds) {
    const before = kept.at(-1);
    if (before && follows(before, round) && saysTheSame(before, round)) kept[kept.length - 1] = merged(before, round);
    else kept.push(round);
  }
  return kept;
}

function follows(before: LoggedRound, { at_ms, covered_ms }: LoggedRound): boolean {
  return Math.abs(at_ms - covered_ms - before.at_ms) < GAP_MS;
}

function saysTheSame(one: LoggedRound, other: LoggedRound): boolean {
  return statusOf(one) === statusOf(other);
}

function statusOf({ failed, observations }: LoggedRound): string {
  const levels = observations
    .filter(({ signal }) => signal === 'component_status')
    .map((observation) => `${seriesOf(observation)} ${observation.value}`);
  return JSON.stringify([[...failed].sort(), levels.sort()]);
}

function merged(before: LoggedRound, round: LoggedRound): LoggedRound {
  const covered_ms = round.at_ms - (before.at_ms - before.covered_ms);
  const rates = new Map(before.observations.filter(isRate).map((observation) => [seriesOf(observation), observation]));
  const observations = round.observations.map((observation) => {
    const earlier = isRate(observation) ? rates.get(seriesOf(observation)) : undefined;
    if (earlier === undefined || covered_ms <= 0) return observation;
    const added = earlier.value * before.covered_ms + observation.value * (covered_ms - before.covered_ms);
    return { ...observation, value: added / covered_ms };
  });
  return { ...round, covered_ms, observations };
}

function isRate({ signal }: ObservedValue): boolean {
  return OPS_SIGNALS[signal].unit === 'per_minute';
}

function seriesOf({ signal, labels }: ObservedValue): string {
  return JSON.stringify([signal, Object.entries(labels).sort()]);
}
