/** At most so many requests per minute for each caller, as a bucket that fills steadily. */
import type { Clock } from '../clock.ts';

interface Bucket {
  /** Requests that may be made now. */
  left: number;
  filled_at: number;
}

export class RateLimiter {
  readonly #perMinute: () => number;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  /** @param perMinute requests per minute and caller; 0 for no limit */
  constructor(perMinute: () => number, clock: Clock) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** Takes one request from the caller's bucket: 0 when it may go on, else the whole seconds to wait. */
  take(caller: string): number {
    const perMinute = this.#perMinute();
    if (perMinute === 0) return 0;
    const now = this.#clock.now();
    const perMs = perMinute / 60_000;
    const bucket = this.#buckets.get(caller) ?? { left: perMinute, filled_at: now };
    bucket.left = Math.min(perMinute, bucket.left + Math.max(0, now - bucket.filled_at) * perMs);
    bucket.filled_at = now;
    this.#buckets.set(caller, bucket);
    if (bucket.left < 1) return Math.max(1, Math.ceil((1 - bucket.left) / perMs / 1000));
    bucket.left -= 1;
    return 0;
  }
}
