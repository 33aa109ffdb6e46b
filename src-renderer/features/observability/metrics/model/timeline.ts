/**
 * How circuit breakers were over time, exactly: from their changes of state, and from the samples where those cannot tell,
 * as after a restart, which makes no change of its own.
 */
import {
  BREAKER_STATES,
  type BreakerStateName,
  type BreakerTransition,
} from '../../../../../src-contract/resilience.ts';
import type { Frame } from './chart-data.ts';

/** Times are in seconds since the epoch. */
export interface Segment {
  from: number;
  to: number;
  state: BreakerStateName;
  /** What began it; undefined for the state at the beginning, or after a gap. */
  change: BreakerTransition | undefined;
}

export interface TimelineRow {
  name: string;
  /** In order, none overlapping; what is not covered was not measured. */
  segments: Segment[];
}

interface Covered {
  from: number;
  to: number;
  /** Of its first step. */
  sampled: BreakerStateName | undefined;
}

/**
 * @param values of the breaker in the samples; null where it was not measured
 * @param changes of this breaker alone, in any order; those before the frame tell how it began
 */
export function segmentsOf(
  frame: Frame,
  values: readonly (number | null)[],
  changes: readonly BreakerTransition[],
): Segment[] {
  const sorted = changes
    .map((change) => ({ change, at: Date.parse(change.at) / 1000 }))
    .sort((one, other) => one.at - other.at);
  const isChanged = new Set(sorted.map(({ at }) => Math.floor((at - frame.from) / frame.step)));
  return coveredOf(frame, values, isChanged).flatMap(({ from, to, sampled }) => {
    const within = sorted.filter(({ at }) => at >= from && at < to);
    // Before the frame it ran on; before a gap it may have been another process.
    const before = from === frame.from ? sorted.findLast(({ at }) => at < from)?.change.to : undefined;
    const first = within[0]?.change.from ?? (within.length === 0 ? sampled : undefined) ?? before ?? 'closed';
    const segments: Segment[] = [{ from, to, state: first, change: undefined }];
    for (const { change, at } of within) {
      const last = segments.at(-1);
      if (last !== undefined) last.to = at;
      segments.push({ from: at, to, state: change.to, change });
    }
    return segments.flatMap((segment) => asSampled(segment, frame, values));
  });
}

/** A reading may be of some seconds before it was taken. */
const STALE_SECONDS = 10;

/** Split where samples within it say otherwise: a restart that was too short to leave a gap has made it so. */
function asSampled(segment: Segment, { times, step }: Frame, values: readonly (number | null)[]): Segment[] {
  const parts = [segment];
  times.forEach((time, i) => {
    if (time < segment.from + STALE_SECONDS || time + step > segment.to) return;
    const state = BREAKER_STATES[values[i] ?? -1];
    const last = parts.at(-1);
    if (last === undefined || state === undefined || state === last.state) return;
    parts[parts.length - 1] = { ...last, to: time };
    parts.push({ from: time, to: segment.to, state, change: undefined });
  });
  return parts;
}

/** Stretches in which there are samples, or a change says that it ran. The step that is not over is one. */
function coveredOf(frame: Frame, values: readonly (number | null)[], isChanged: ReadonlySet<number>): Covered[] {
  const covered: Covered[] = [];
  frame.times.forEach((time, i) => {
    const value = values[i] ?? null;
    const before = covered.at(-1);
    const runsOn = i >= frame.open_from && before?.to === time;
    if (value === null && !isChanged.has(i) && !runsOn) return;
    if (before?.to === time) before.to = time + frame.step;
    else covered.push({ from: time, to: time + frame.step, sampled: BREAKER_STATES[value ?? -1] });
  });
  return covered;
}

export const STATE_WORDS: Readonly<Record<BreakerStateName, string>> = {
  closed: 'closed',
  half_open: 'half open',
  open: 'open',
  isolated: 'isolated',
};

/** Rows of the services in use and of every webhook that something happened to, from the samples and the changes. */
export function timelineRows(
  frame: Frame,
  sampled: ReadonlyMap<string, readonly (number | null)[]>,
  changes: readonly BreakerTransition[],
): TimelineRow[] {
  const byName = Map.groupBy(changes, ({ breaker }) => breaker);
  const isWithin = ({ at }: BreakerTransition) =>
    Date.parse(at) / 1000 >= frame.from && Date.parse(at) / 1000 < frame.to;
  const names = new Set([
    ...sampled.keys(),
    ...[...byName].filter(([, own]) => own.some(isWithin)).map(([name]) => name),
  ]);
  return [...names].map((name) => {
    const own = byName.get(name) ?? [];
    // A webhook has no samples of its own: it was there while anything was measured.
    const values = sampled.get(name) ?? frame.measured.map((isMeasured) => (isMeasured ? 0 : null));
    return { name, segments: segmentsOf(frame, values, own) };
  });
}
