import type { Clock } from '../clock.ts';

/** The clock of a copy: it stands still. */
export function momentOf(taken_at: string): Clock {
  const taken_ms = Date.parse(taken_at);
  return { now: () => taken_ms };
}
