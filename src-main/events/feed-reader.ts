/** One reader of the live feed: where it begins, when it is due, how it ends. */
import type { EventEnvelope } from '../../src-contract/index.ts';
import type { LogState } from './settled-events.ts';

/** An id beyond the log is of another database: from there, nothing can be gone on with. */
export function firstCursor(state: { settled: number; last: number }, after_id: string | undefined): number {
  const after = after_id === undefined ? Number.POSITIVE_INFINITY : Number(after_id);
  return after > state.last ? state.settled : after;
}

/** A generator that waits for an event hears of `return` only after it: so the reader is ended first. */
export function endingWith(
  events: AsyncGenerator<EventEnvelope, void>,
  reader: FeedReader,
): AsyncGenerator<EventEnvelope, void> {
  const giveBack = events.return.bind(events);
  events.return = (value) => {
    reader.end();
    return giveBack(value);
  };
  return events;
}

/** Who waits for events. */
export class FeedReader {
  readonly org_id: string;
  readonly #started = Promise.withResolvers<{ settled: number; last: number }>();
  readonly #whenEnded: (() => void)[];
  #bell = Promise.withResolvers<void>();
  /** There may be something new for it that no look at the log has covered. */
  due = true;
  ended = false;

  constructor(org_id: string, onEnd: () => void) {
    this.org_id = org_id;
    this.#whenEnded = [onEnd];
    // Told to whoever opens the reader; nobody may be waiting any more.
    this.#started.promise.catch(() => {});
  }

  /** How the log was at a look that began after the reader did. */
  get started(): Promise<{ settled: number; last: number }> {
    return this.#started.promise;
  }

  /** Resolves with the next `wake`. */
  get woken(): Promise<void> {
    return this.#bell.promise;
  }

  begin({ settled, last }: LogState): void {
    if (settled !== undefined) this.#started.resolve({ settled, last });
  }

  refuse(error: unknown): void {
    this.#started.reject(error);
  }

  wake(): void {
    if (this.ended) return;
    this.#bell.resolve();
    this.#bell = Promise.withResolvers();
  }

  onEnd(action: () => void): void {
    if (this.ended) action();
    else this.#whenEnded.push(action);
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#bell.resolve();
    this.#started.resolve({ settled: 0, last: 0 });
    for (const action of this.#whenEnded) action();
  }
}
