/** One part of a round, which may take no longer than it may, nor run twice at a time. */
import { Bell } from '../../events/bell.ts';

export type PartEnd<T> =
  | { ended: 'done'; value: T }
  | { ended: 'failed'; error: unknown }
  /** It was left alone: the round goes on without it. */
  | { ended: 'late' }
  /** One that was left alone is not over: it is not begun again beside itself. */
  | { ended: 'busy' };

export class BoundedPart {
  readonly #limit_ms: number;
  #pending: Promise<unknown> | undefined;

  constructor(limit_ms: number) {
    this.#limit_ms = limit_ms;
  }

  /** Never rejects. */
  async run<T>(work: () => Promise<T>): Promise<PartEnd<T>> {
    if (this.#pending) return { ended: 'busy' };
    // Begun in a promise, so that what throws at once is told like what rejects.
    const running = Promise.resolve()
      .then(work)
      .then(
        (value): PartEnd<T> => ({ ended: 'done', value }),
        (error: unknown): PartEnd<T> => ({ ended: 'failed', error }),
      )
      .finally(() => {
        this.#pending = undefined;
      });
    this.#pending = running;
    const late = new Bell();
    const end = await Promise.race([running, late.wait(this.#limit_ms).then((): PartEnd<T> => ({ ended: 'late' }))]);
    late.ring();
    return end;
  }
}
