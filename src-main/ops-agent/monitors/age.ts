import type { Clock } from '../../clock.ts';

/** Seconds since an ISO time; 0 when there is none. Never less, whatever the clocks say. */
export function ageSeconds(since: string | number | null | undefined, clock: Clock): number {
  if (since === null || since === undefined) return 0;
  const since_ms = typeof since === 'number' ? since : Date.parse(since);
  return Math.max(0, clock.now() - since_ms) / 1000;
}
