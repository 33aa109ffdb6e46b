/**
 * One part of a round, which may take no longer than it may, nor run twice at a time. One that is not over after many times
 * as long waits for what never comes: it is given up, so that the part is not off until the process ends.
 */
import { Bell } from '../../events/bell.ts';

export type PartEnd<T> =
  | { ended: 'done'; value: T }
  | { ended: 'failed'; error: unknown }
  /** It was left alone: the round goes on without it. */
  | { ended: 'late' }
  /** One that was left alone is not over: it is not begun again beside itself. */
  | { ended: 'busy' };

/** Times its limit. */
const GIVEN_UP_AFTER = 10;

export class BoundedPart {
  readonly #limit_ms: number;
  readonly #monotonic_ms: () => number;
  #pending: { work: Promise<unknown>; since_ms: number } | undefined;

  constructor(limit_ms: number, monotonic_ms: () => number) {
    this.#limit_ms = limit_ms;
    this.#monotonic_ms = monotonic_ms;
  }

  /** Never rejects. */
  async run<T>(work: () => Promise<T>): Promise<PartEnd<T>> {
    if (this.#pending && !this.#isGivenUp(this.#pending.since_ms)) return { ended: 'busy' };
    // Begun in a promise, so that what throws at once is told like what rejects.
    const running = Promise.resolve()
      .then(work)
      .then(
        (value): PartEnd<T> => ({ ended: 'done', value }),
        (error: unknown): PartEnd<T> => ({ ended: 'failed', error }),
      )
      .finally(() => {
        if (this.#pending?.work === running) this.#pending = undefined;
      });
    this.#pending = { work: running, since_ms: this.#monotonic_ms() };
    const late = new Bell();
    const end = await Promise.race([running, late.wait(this.#limit_ms).then((): PartEnd<T> => ({ ended: 'late' }))]);
    late.ring();
    return end;
  }

  #isGivenUp(since_ms: number): boolean {
    return this.#monotonic_ms() - since_ms >= GIVEN_UP_AFTER * this.#limit_ms;
  }
}
