/**
 * For how long breakers have been open.
 *
 * A breaker says since when it is open, but that begins again with every trial that fails, and is of a clock that may be
 * set. So it is counted here: from when it opened until it closes, through every trial between, but for time in which
 * nobody looked.
 */
import type { Breaker, BreakerTransition } from '../../../src-contract/index.ts';
import { type Clock, steadyMs } from '../../clock.ts';

interface OpenTime {
  counted_ms: number;
  /** Up to when it is counted. */
  until_ms: number;
  error: string | null;
}

export interface OpenBreaker {
  open_ms: number;
  /** What it failed with last. */
  error: string | null;
}

export class BreakerTimes {
  readonly #clock: Clock;
  /** Milliseconds that can be between two looks: for more, the computer slept. */
  readonly #longest_ms: () => number;
  readonly #open = new Map<string, OpenTime>();

  constructor(clock: Clock, longest_ms: () => number) {
    this.#clock = clock;
    this.#longest_ms = longest_ms;
  }

  /** To be told of every change of state, so that one that closed between two looks begins anew. */
  changed({ breaker, to, error }: Pick<BreakerTransition, 'breaker' | 'to' | 'error'>): void {
    if (to === 'closed' || to === 'isolated') this.#open.delete(breaker);
    else this.#opened(breaker, error);
  }

  /** How long each has been open. Those that are not told of any more are forgotten. */
  look(breakers: readonly Pick<Breaker, 'name' | 'state'>[]): Map<string, OpenBreaker> {
    const now_ms = steadyMs(this.#clock);
    const open = new Map<string, OpenBreaker>();
    for (const { name, state } of breakers) {
      if (state.state === 'closed' || state.state === 'isolated') continue;
      // One that was open before anybody listened.
      const time = this.#opened(name, state.state === 'open' ? state.error : null);
      time.counted_ms += Math.min(this.#longest_ms(), Math.max(0, now_ms - time.until_ms));
      time.until_ms = now_ms;
      open.set(name, { open_ms: time.counted_ms, error: time.error });
    }
    for (const name of this.#open.keys()) if (!open.has(name)) this.#open.delete(name);
    return open;
  }

  #opened(name: string, error: string | null): OpenTime {
    const time = this.#open.get(name) ?? { counted_ms: 0, until_ms: steadyMs(this.#clock), error: null };
    time.error = error ?? time.error;
    this.#open.set(name, time);
    return time;
  }
}
