/** What time the history of alerts is of: as the URL says it. Pure; the present is given. */

const HOUR_MS = 3_600_000;

/** Spans that end now. Alerts are kept for the longest. */
export const ALERT_RANGES = ['24h', '7d', '30d', '90d'] as const;
export type AlertRange = (typeof ALERT_RANGES)[number];
export const DEFAULT_RANGE: AlertRange = '7d';

export const RANGE_WORDS: Readonly<Record<AlertRange, { label: string; ms: number }>> = {
  '24h': { label: '24 h', ms: 24 * HOUR_MS },
  '7d': { label: '7 d', ms: 7 * 24 * HOUR_MS },
  '30d': { label: '30 d', ms: 30 * 24 * HOUR_MS },
  '90d': { label: '90 d', ms: 90 * 24 * HOUR_MS },
};

/** Nothing is drawn closer. */
const SHORTEST_MS = 60_000;

export interface AlertSpan {
  from_ms: number;
  to_ms: number;
  /** It goes on, as time does. */
  endsNow: boolean;
}

/** What the URL means. Times that make no span mean nothing. */
export function spanOf(
  {
    range = DEFAULT_RANGE,
    from,
    to,
  }: { range?: AlertRange | undefined; from?: string | undefined; to?: string | undefined },
  now_ms: number,
): AlertSpan {
  const to_ms = to === undefined ? now_ms : Date.parse(to);
  const from_ms = from === undefined ? to_ms - RANGE_WORDS[range].ms : Date.parse(from);
  if (to_ms - from_ms >= SHORTEST_MS) return { from_ms, to_ms, endsNow: to === undefined };
  return { from_ms: now_ms - RANGE_WORDS[range].ms, to_ms: now_ms, endsNow: true };
}

/** As the URL has a stretch that a person chose: no shorter than can be drawn. In seconds since the epoch. */
export function stretchOf(from_s: number, to_s: number): { from: string; to: string } {
  const missing_ms = Math.max(0, SHORTEST_MS - (to_s - from_s) * 1000);
  const iso = (ms: number) => new Date(Math.round(ms)).toISOString();
  return { from: iso(from_s * 1000 - missing_ms / 2), to: iso(to_s * 1000 + missing_ms / 2) };
}
