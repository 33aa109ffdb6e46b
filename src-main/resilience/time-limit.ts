/** Waits for a call no longer than for so long, and tells it when it is not waited for any more. */
import { TaskCancelledError, TimeoutStrategy, timeout } from 'cockatiel';
import { tooLate } from './deadline.ts';

/** Left to the caller to answer in, in milliseconds: a call that ends with its request would end unheard. */
const TO_ANSWER_MS = 250;

/**
 * @param limit_ms infinite for no limit
 * @param outer ends the call before its time
 */
export async function withinTime<T>(
  limit_ms: number,
  outer: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (limit_ms === Number.POSITIVE_INFINITY) return await call(outer);
  const most_ms = Math.max(1, limit_ms - Math.min(TO_ANSWER_MS, limit_ms / 2));
  // A call that has ended needs no signal.
  const policy = timeout(most_ms, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false });
  try {
    return await policy.execute(({ signal }) => call(signal), outer);
  } catch (error) {
    if (!(error instanceof TaskCancelledError)) throw error;
    throw outer.aborted ? outer.reason : tooLate(most_ms);
  }
}
