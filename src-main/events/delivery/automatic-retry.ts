/** When a dead letter is replayed by itself. */
import { isoTime } from '../../clock.ts';

export interface AutomaticRetry {
  /** Hours after the failure; 0 for never. */
  after_hours: number;
  /** Automatic replays of one letter at most. */
  most: number;
}

/** ISO time for a letter that is dead from now on and has automatic replays left; null for never. */
export function nextRetryAt({ after_hours, most }: AutomaticRetry, now_ms: number): string | null {
  return after_hours === 0 || most === 0 ? null : isoTime(now_ms + after_hours * 3_600_000);
}
