/**
 * How far standbys are behind.
 *
 * PostgreSQL measures it by what they answer, so it goes on telling the last that it measured of one that has stopped:
 * for how long one has made no progress, though there was something to do, is counted here as well.
 */
import type { Clock } from '../../clock.ts';

export interface StandbyRow {
  standby: string;
  /** As the server measured it; null when it has nothing to measure. */
  lag_seconds: number | null;
  /** How far it has come, as bytes of the log, and how far there is to go. */
  replayed_bytes: number;
  behind_bytes: number;
}

export class StandbyLag {
  readonly #clock: Clock;
  #before = new Map<string, { replayed_bytes: number; since_ms: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds by standby. */
  next(rows: readonly StandbyRow[]): Map<string, number> {
    const now_ms = this.#clock.now();
    const lags = new Map<string, number>();
    const progress = new Map<string, { replayed_bytes: number; since_ms: number }>();
    for (const { standby, lag_seconds, replayed_bytes, behind_bytes } of rows) {
      const before = this.#before.get(standby);
      const stands = before !== undefined && before.replayed_bytes === replayed_bytes && behind_bytes > 0;
      const since_ms = stands ? Math.min(before.since_ms, now_ms) : now_ms;
      progress.set(standby, { replayed_bytes, since_ms });
      lags.set(standby, behind_bytes <= 0 ? 0 : Math.max(lag_seconds ?? 0, (now_ms - since_ms) / 1000));
    }
    this.#before = progress;
    return lags;
  }
}
