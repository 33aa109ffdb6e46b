/**
 * The time by which what is old is removed.
 *
 * A clock that jumps ahead, or is wrong when the computer starts, makes everything look old at once. So a clock that is
 * further ahead than the time that passed is believed only when it has stayed so for a day; until then that time is counted.
 */
const DAY_MS = 86_400_000;
/** A computer that slept is ahead too; a jump of no more costs no more than what is as old. */
const TOLERATED_MS = DAY_MS;
const BELIEVED_AFTER_MS = DAY_MS;
/** Between the newest note there is and the start of this process; beyond it the clock has to prove itself. */
const AWAY_MS = 9 * DAY_MS;

export interface KeepingTimeDeps {
  /** Milliseconds since the epoch. */
  now_ms(): number;
  /** Milliseconds of a clock that only grows. */
  monotonic_ms(): number;
  /** When something was noted last before this process began; undefined when nothing was. */
  newest_ms: number | undefined;
}

export class KeepingTime {
  readonly #deps: KeepingTimeDeps;
  #anchor: { at_ms: number; monotonic_ms: number };
  /** Since when the clock has been ahead. */
  #ahead_since_ms: number | undefined;

  constructor(deps: KeepingTimeDeps) {
    this.#deps = deps;
    const now_ms = deps.now_ms();
    const { newest_ms = now_ms } = deps;
    this.#anchor = {
      at_ms: now_ms - newest_ms > AWAY_MS ? newest_ms : now_ms,
      monotonic_ms: deps.monotonic_ms(),
    };
  }

  now_ms(): number {
    const clock_ms = this.#deps.now_ms();
    const monotonic_ms = this.#deps.monotonic_ms();
    const counted_ms = this.#anchor.at_ms + (monotonic_ms - this.#anchor.monotonic_ms);
    if (clock_ms - counted_ms > TOLERATED_MS) {
      this.#ahead_since_ms ??= monotonic_ms;
      if (monotonic_ms - this.#ahead_since_ms < BELIEVED_AFTER_MS) return counted_ms;
    }
    this.#ahead_since_ms = undefined;
    this.#anchor = { at_ms: clock_ms, monotonic_ms };
    return clock_ms;
  }
}
