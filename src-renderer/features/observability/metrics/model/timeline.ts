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

/** What the samples tell of a breaker, step by step. */
export interface Sampled {
  /** As it was measured; undefined where that cannot be told. */
  states: readonly (BreakerStateName | undefined)[];
  /** Whether there was such a breaker, in whatever state. */
  ran: readonly boolean[];
}

/** @param values of a service, as they are measured: null where there was none */
export const sampledOf = (values: readonly (number | null)[]): Sampled => ({
  states: values.map((value) => BREAKER_STATES[value ?? -1]),
  ran: values.map((value) => value !== null),
});

/**
 * Webhooks are measured as one, by the worst of them: each was closed where that is, and could be anything where it is not.
 *
 * @param worst of all webhooks; undefined when it was not asked for
 */
const sampledOfWebhook = (frame: Frame, worst: readonly (number | null)[] | undefined): Sampled => ({
  states: frame.times.map((_, i) => (worst?.[i] === 0 ? 'closed' : undefined)),
  ran: frame.measured,
});

/** @param changes of this breaker alone, in any order; those before the frame tell how it began */
export function segmentsOf(frame: Frame, sampled: Sampled, changes: readonly BreakerTransition[]): Segment[] {
  const sorted = changes
    .map((change) => ({ change, at: Date.parse(change.at) / 1000 }))
    .sort((one, other) => one.at - other.at);
  const isChanged = new Set(sorted.map(({ at }) => Math.floor((at - frame.from) / frame.step)));
  return coveredOf(frame, sampled, isChanged).flatMap((covered) => {
    const { from, to } = covered;
    const within = sorted.filter(({ at }) => at >= from && at < to);
    const left = sorted.findLast(({ at }) => at < from)?.change.to;
    // Before the frame it ran on; before a gap it may have been another process, which leaves only an isolation behind.
    const before = from === frame.from || left === 'isolated' ? left : undefined;
    const first = within[0]?.change.from ?? covered.sampled ?? before ?? 'closed';
    const segments: Segment[] = [{ from, to, state: first, change: undefined }];
    for (const { change, at } of within) {
      const last = segments.at(-1);
      if (last !== undefined) last.to = at;
      segments.push({ from: at, to, state: change.to, change });
    }
    return segments.flatMap((segment) => asSampled(segment, frame, sampled));
  });
}

/** A reading may be of some seconds before it was taken. */
const STALE_SECONDS = 10;

/** Split where samples within it say otherwise: a restart that was too short to leave a gap has made it so. */
function asSampled(segment: Segment, { times, from, step }: Frame, { states }: Sampled): Segment[] {
  const parts = [segment];
  // Only steps that lie in it as a whole: there can be thousands of segments.
  const first = Math.max(0, Math.ceil((segment.from + STALE_SECONDS - from) / step));
  for (let i = first; i < times.length; i += 1) {
    const time = times[i] ?? Number.POSITIVE_INFINITY;
    if (time + step > segment.to) break;
    const state = states[i];
    const last = parts.at(-1);
    if (last === undefined || state === undefined || state === last.state) continue;
    parts[parts.length - 1] = { ...last, to: time };
    parts.push({ from: time, to: segment.to, state, change: undefined });
  }
  return parts;
}

/** Stretches in which there are samples, or a change says that it ran. The step that is not over is one. */
function coveredOf(frame: Frame, { states, ran }: Sampled, isChanged: ReadonlySet<number>): Covered[] {
  const covered: Covered[] = [];
  frame.times.forEach((time, i) => {
    const before = covered.at(-1);
    const runsOn = i >= frame.open_from && before?.to === time;
    if (ran[i] !== true && !isChanged.has(i) && !runsOn) return;
    if (before?.to === time) before.to = time + frame.step;
    else covered.push({ from: time, to: time + frame.step, sampled: states[i] });
  });
  return covered;
}

export const STATE_WORDS: Readonly<Record<BreakerStateName, string>> = {
  closed: 'closed',
  half_open: 'half open',
  open: 'open',
  isolated: 'isolated',
};

/** `webhook …5f21`: ids begin with the time they were made, and are told apart by their ends. */
export function shortName(breaker: string): string {
  const [service = '', id] = breaker.split(':');
  return id === undefined ? service : `${service} …${id.slice(-4)}`;
}

/** Those that happened in the time that is shown. */
export const changesIn = (changes: readonly BreakerTransition[], { from, to }: Frame): BreakerTransition[] =>
  changes.filter(({ at }) => Date.parse(at) >= from * 1000 && Date.parse(at) < to * 1000);

/** The line of all webhooks together among the samples. */
const WEBHOOKS = 'webhook';

/**
 * Rows of the services, and of every webhook that something happened to: in this time, or before it, so that it is not
 * closed in all of it.
 */
export function timelineRows(
  frame: Frame,
  sampled: ReadonlyMap<string, readonly (number | null)[]>,
  changes: readonly BreakerTransition[],
): TimelineRow[] {
  const byName = Map.groupBy(changes, ({ breaker }) => breaker);
  const services = [...sampled].filter(([name]) => name !== WEBHOOKS);
  const ofWebhooks = sampledOfWebhook(frame, sampled.get(WEBHOOKS));
  const others = [...byName].filter(([name]) => !sampled.has(name));
  return [
    ...services.map(([name, values]) => ({
      name,
      segments: segmentsOf(frame, sampledOf(values), byName.get(name) ?? []),
    })),
    ...others
      .map(([name, own]) => ({ name, segments: segmentsOf(frame, ofWebhooks, own) }))
      .filter(({ segments }) => segments.some(({ state, change }) => change !== undefined || state !== 'closed')),
  ];
}
