/**
 * How far standbys are behind.
 *
 * PostgreSQL measures it by what they answer, so it goes on telling the last that it measured of one that has stopped:
 * for how long one has made no progress, though there was something to do, is counted here as well.
 */
import { type Clock, steadyMs } from '../../clock.ts';

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
  /** Those that were behind at the last look: where they were, and since when they stand there. */
  #behind = new Map<string, { replayed_bytes: number; since_ms: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds by standby. */
  next(rows: readonly StandbyRow[]): Map<string, number> {
    const now_ms = steadyMs(this.#clock);
    const lags = new Map<string, number>();
    const behind = new Map<string, { replayed_bytes: number; since_ms: number }>();
    for (const { standby, lag_seconds, replayed_bytes, behind_bytes } of rows) {
      if (behind_bytes <= 0) {
        lags.set(standby, 0);
        continue;
      }
      const before = this.#behind.get(standby);
      const since_ms = before?.replayed_bytes === replayed_bytes ? before.since_ms : now_ms;
      behind.set(standby, { replayed_bytes, since_ms });
      lags.set(standby, Math.max(lag_seconds ?? 0, (now_ms - since_ms) / 1000));
    }
    this.#behind = behind;
    return lags;
  }
}
