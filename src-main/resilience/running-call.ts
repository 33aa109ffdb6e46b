/**
 * A call that is being made, and that its caller does not wait for any longer than told.
 *
 * Not cockatiel's timeout: with its two controllers and three listeners a call it costs two thirds of all policies
 * together, and every read passes them.
 */
import { tooLate } from './deadline.ts';

/** Left to the caller to answer in, in milliseconds: a call that ends with its request would end unheard. */
const TO_ANSWER_MS = 250;

export class RunningCall {
  readonly began_ms: number;
  readonly #end = new AbortController();
  readonly #givenUp = Promise.withResolvers<never>();

  constructor(began_ms: number) {
    this.began_ms = began_ms;
  }

  /** @param limit_ms infinite for no limit */
  async make<T>(call: (signal: AbortSignal) => Promise<T>, limit_ms: number): Promise<T> {
    const timer = this.#limit(limit_ms);
    try {
      return await Promise.race([call(this.#end.signal), this.#givenUp.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Its caller is told this; the call itself, by its signal, to end. */
  giveUp(reason: Error): void {
    this.#givenUp.reject(reason);
    this.#end.abort(reason);
  }

  #limit(limit_ms: number): NodeJS.Timeout | undefined {
    if (limit_ms === Number.POSITIVE_INFINITY) return undefined;
    const most_ms = Math.max(1, limit_ms - Math.min(TO_ANSWER_MS, limit_ms / 2));
    return setTimeout(() => this.giveUp(tooLate(most_ms)), most_ms);
  }
}
