/**
 * A call that is being made, and that its caller does not wait for any longer than told.
 *
 * Not cockatiel's timeout: with its two controllers and three listeners a call it costs two thirds of all policies
 * together, and every read passes them.
 */
import { tooLate } from './deadline.ts';
import { limitTime } from './time-limits.ts';

/** Left to the caller to answer in, in milliseconds: a call that ends with its request would end unheard. */
const TO_ANSWER_MS = 250;

export class RunningCall {
  readonly began_ms: number;
  readonly #end = new AbortController();
  #reject: (reason: Error) => void = () => {};

  constructor(began_ms: number) {
    this.began_ms = began_ms;
  }

  /** @param limit_ms infinite for no limit */
  async make<T>(call: (signal: AbortSignal) => Promise<T>, limit_ms: number): Promise<T> {
    const unlimit = this.#limit(limit_ms);
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#reject = reject;
        call(this.#end.signal).then(resolve, reject);
      });
    } finally {
      unlimit?.();
    }
  }

  /** Its caller is told this; the call itself, by its signal, to end. */
  giveUp(reason: Error): void {
    this.#reject(reason);
    this.#end.abort(reason);
  }

  #limit(limit_ms: number): (() => void) | undefined {
    if (limit_ms === Number.POSITIVE_INFINITY) return undefined;
    const most_ms = Math.max(1, limit_ms - Math.min(TO_ANSWER_MS, limit_ms / 2));
    return limitTime(most_ms, () => this.giveUp(tooLate(most_ms)));
  }
}
