/**
 * The time a request may take altogether, whatever it calls on its way: it is set once, at the door, and every policy
 * waits no longer than what is left of it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { ArchonError } from '../errors.ts';
import { limitTime } from './time-limits.ts';

const deadlines = new AsyncLocalStorage<{ until_ms: number }>();

/** Seconds told to somebody who was answered that a store is too slow. */
const RETRY_AFTER_SECONDS = 5;

/** What is left for the request that this is part of, in milliseconds; infinite for work that nobody waits for. */
export function timeLeft(): number {
  const deadline = deadlines.getStore();
  return deadline === undefined ? Number.POSITIVE_INFINITY : Math.max(0, deadline.until_ms - performance.now());
}

/**
 * Answers within the time, or refuses. The work is told by way of {@link timeLeft} and usually ends by itself shortly
 * before.
 *
 * @throws ArchonError STORAGE_UNAVAILABLE when the time is over
 */
export async function withinDeadline<T>(limit_ms: number, work: () => Promise<T>): Promise<T> {
  const deadline = { until_ms: performance.now() + limit_ms };
  const working = deadlines.run(deadline, work);
  // What the request only began, as an import or a write a moment later, goes on in its context but not for it. And
  // after an answer that came too late nobody is there to be told.
  return await new Promise<T>((resolve, reject) => {
    const unlimit = limitTime(limit_ms, () => reject(tooLate(limit_ms)));
    const end = () => {
      unlimit();
      deadline.until_ms = Number.POSITIVE_INFINITY;
    };
    working.then(
      (answer) => {
        end();
        resolve(answer);
      },
      (error: unknown) => {
        end();
        reject(error);
      },
    );
  });
}

export function tooLate(limit_ms: number): ArchonError {
  const seconds = Math.round(limit_ms / 100) / 10;
  return new ArchonError(
    'STORAGE_UNAVAILABLE',
    `A store did not answer within ${seconds} s. A write may have been done all the same: look before you repeat it, or repeat it with its idempotency key.`,
    { retry_after_seconds: RETRY_AFTER_SECONDS },
  );
}
