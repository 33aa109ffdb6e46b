/** What time the charts are of: as the URL says it, and what the buttons make of it. Pure; the present is given. */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Spans that end now, by the name they have in the URL. */
export const LAST = {
  '15m': { label: '15 min', ms: 15 * MINUTE_MS },
  '1h': { label: '1 h', ms: 60 * MINUTE_MS },
  '3h': { label: '3 h', ms: 180 * MINUTE_MS },
  '6h': { label: '6 h', ms: 360 * MINUTE_MS },
  '24h': { label: '24 h', ms: DAY_MS },
  '7d': { label: '7 d', ms: 7 * DAY_MS },
  '30d': { label: '30 d', ms: 30 * DAY_MS },
} as const;
export type LastName = keyof typeof LAST;
export const LAST_NAMES = Object.keys(LAST) as [LastName, ...LastName[]];
export const DEFAULT_LAST: LastName = '1h';

/** Figures are kept for so long: as `METRIC_DAYS` of the contract. */
const KEPT_MS = LAST['30d'].ms;
/** Nothing is drawn closer: that would be fewer than six figures. */
export const SHORTEST_MS = MINUTE_MS;

export type TimeRange =
  /** Ends now, whenever that is. */
  | { kind: 'last'; name: LastName }
  | { kind: 'since'; from_ms: number }
  | { kind: 'between'; from_ms: number; to_ms: number };

export interface Span {
  from_ms: number;
  to_ms: number;
}

export interface RangeSearch {
  range?: LastName | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** What the URL means. Times that make no span mean nothing. */
export function rangeOf({ range = DEFAULT_LAST, from, to }: RangeSearch, now_ms: number): TimeRange {
  const last: TimeRange = { kind: 'last', name: range };
  const to_ms = to === undefined ? undefined : Date.parse(to);
  const from_ms = from === undefined ? undefined : Date.parse(from);
  if (to_ms === undefined) {
    return from_ms === undefined || !isSpan({ from_ms, to_ms: now_ms }) ? last : { kind: 'since', from_ms };
  }
  const span = { from_ms: from_ms ?? to_ms - LAST[range].ms, to_ms };
  return isSpan(span) ? { kind: 'between', ...span } : last;
}

const isSpan = ({ from_ms, to_ms }: Span): boolean => to_ms - from_ms >= SHORTEST_MS && to_ms - from_ms <= KEPT_MS;

export function spanOf(range: TimeRange, now_ms: number): Span {
  switch (range.kind) {
    case 'last':
      return { from_ms: now_ms - LAST[range.name].ms, to_ms: now_ms };
    case 'since':
      return { from_ms: range.from_ms, to_ms: now_ms };
    case 'between':
      return { from_ms: range.from_ms, to_ms: range.to_ms };
    default:
      return range satisfies never;
  }
}

/** As the engine is asked for it. What ends now does so by the clock of the engine, whatever that of this computer says. */
export function askedOf(range: TimeRange): { last_seconds: number } | { from: string; to?: string } {
  const iso = (ms: number) => new Date(ms).toISOString();
  switch (range.kind) {
    case 'last':
      return { last_seconds: LAST[range.name].ms / 1000 };
    case 'since':
      return { from: iso(range.from_ms) };
    case 'between':
      return { from: iso(range.from_ms), to: iso(range.to_ms) };
    default:
      return range satisfies never;
  }
}

export const endsNow = (range: TimeRange): boolean => range.kind !== 'between';

/** The half of it earlier or later; never beyond now, nor before what is kept. Undefined when it is at that end already. */
export function shifted({ from_ms, to_ms }: Span, way: 'earlier' | 'later', now_ms: number): Span | undefined {
  const length = to_ms - from_ms;
  const by = length / 2;
  const least = Math.min(from_ms, now_ms - KEPT_MS);
  const most = Math.max(now_ms, length + least);
  const from = way === 'earlier' ? Math.max(least, from_ms - by) : Math.min(most - length, from_ms + by);
  return Math.abs(from - from_ms) < 1000 ? undefined : { from_ms: from, to_ms: from + length };
}

/** A span that a person chose on a chart: in order, and long enough to show something. */
export function zoomed(one_ms: number, other_ms: number): Span {
  const [from, to] = one_ms <= other_ms ? [one_ms, other_ms] : [other_ms, one_ms];
  const missing = Math.max(0, SHORTEST_MS - (to - from));
  return { from_ms: Math.round(from - missing / 2), to_ms: Math.round(to + missing / 2) };
}

export type CheckedSpan = { ok: true; span: Span } | { ok: false; from?: string; to?: string };

/** What a person typed, in the time of their computer; what is wrong with it, at the field that is to be changed. */
export function checkedSpan(typed: { from: string; to: string }, now_ms: number): CheckedSpan {
  const from_ms = Date.parse(typed.from);
  const to_ms = Date.parse(typed.to);
  if (Number.isNaN(from_ms)) return { ok: false, from: 'Choose a day and a time.' };
  if (Number.isNaN(to_ms)) return { ok: false, to: 'Choose a day and a time.' };
  if (from_ms >= now_ms) return { ok: false, from: 'Lies in the future: choose a time before now.' };
  if (to_ms <= from_ms) return { ok: false, to: 'Must be later than the beginning.' };
  if (to_ms - from_ms < SHORTEST_MS) return { ok: false, to: 'Must be a minute after the beginning, or later.' };
  if (to_ms - from_ms > KEPT_MS) return { ok: false, from: 'At most 30 days: figures are kept no longer.' };
  if (to_ms < now_ms - KEPT_MS) return { ok: false, to: 'Is more than 30 days ago: those figures are gone.' };
  return { ok: true, span: { from_ms, to_ms } };
}

const LEAST_EVERY_MS = 10_000;
const MOST_EVERY_MS = 60_000;

/** How often figures are read again: every 10 s as they are taken, or twice a step where steps are long. */
export function every_ms(step_seconds: number): number {
  return Math.min(MOST_EVERY_MS, Math.max(LEAST_EVERY_MS, (step_seconds * 1000) / 2));
}
