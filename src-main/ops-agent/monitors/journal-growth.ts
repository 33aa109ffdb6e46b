/** How much the journal has grown in the last minutes: what came in, less what left it. */
import { type Clock, steadyMs } from '../../clock.ts';

const SPAN_MS = 300_000;

export class JournalGrowth {
  readonly #clock: Clock;
  /** Oldest first; the first is the newest that is as old as the span, or older. */
  #readings: { at_ms: number; writes: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns how many more there are than five minutes ago, or than at the first look when that is not so long ago */
  next(writes: number): number {
    const at_ms = steadyMs(this.#clock);
    const readings = [...this.#readings, { at_ms, writes }];
    const begin = readings.findLastIndex((reading) => reading.at_ms <= at_ms - SPAN_MS);
    this.#readings = readings.slice(Math.max(0, begin));
    return writes - (this.#readings[0]?.writes ?? writes);
  }
}
