import type { SharedCounters } from './shared-counters.ts';

/** How many looks make up the limit: the more, the closer to it a stuck unit is found. */
const LOOKS = 10;

/**
 * Notices a unit that never ends.
 *
 * PGlite has no way to interrupt a statement (no statement_timeout, no cancel), so one endless query would stop the
 * database for good; ending its thread is the only way out, and safe, as it is for a server that is killed.
 * Counts looks rather than reading a clock, so that a laptop asleep is not taken for a query at work.
 */
export class StuckWatch {
  readonly #counters: SharedCounters;
  readonly #onStuck: () => void;
  readonly #timer: NodeJS.Timeout;
  #unit = 0;
  #looks = 0;

  constructor(counters: SharedCounters, stuck_after_ms: number, onStuck: () => void) {
    this.#counters = counters;
    this.#onStuck = onStuck;
    this.#timer = setInterval(() => this.#look(), Math.max(1, stuck_after_ms / LOOKS));
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const started = this.#counters.get('units_started');
    const same = started === this.#unit && started > this.#counters.get('units_finished');
    this.#unit = started;
    this.#looks = same ? this.#looks + 1 : 0;
    if (this.#looks < LOOKS) return;
    this.stop();
    this.#onStuck();
  }
}
