/** Repeats what is safe to repeat, after pauses that differ, so that many callers do not come back all at once. */
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { timeLeft } from './deadline.ts';

export interface RepeatOptions {
  /** Attempts after the first. */
  times: number;
  /** Milliseconds of the pauses, from about the first to at most the last. */
  pause_ms: readonly [first: number, last: number];
  /** Whether another attempt may do better: the failure was quick, and nothing was begun. */
  isPassing(error: unknown): boolean;
  onRepeat?: (() => void) | undefined;
}

export class Repeat {
  readonly #policy: { execute<T>(attempt: () => Promise<T>): Promise<T> };

  constructor({ times, pause_ms, isPassing, onRepeat }: RepeatOptions) {
    const [initialDelay, maxDelay] = pause_ms;
    // Who has no time left for a pause and another attempt is answered now.
    const again = handleWhen((error) => timeLeft() > 2 * maxDelay && isPassing(error));
    const policy = retry(again, { maxAttempts: times, backoff: new ExponentialBackoff({ initialDelay, maxDelay }) });
    policy.onRetry(() => onRepeat?.());
    this.#policy = policy;
  }

  run<T>(attempt: () => Promise<T>): Promise<T> {
    return this.#policy.execute(attempt);
  }
}
