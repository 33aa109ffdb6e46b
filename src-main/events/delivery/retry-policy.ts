/** When a failed event is tried again: each delay is the one before times a factor, up to a longest one. */

export interface RetryPolicy {
  /** Seconds before the second attempt. */
  first_seconds: number;
  factor: number;
  /** Seconds, the longest delay. */
  max_seconds: number;
  /** Attempts altogether; after the last the event is a dead letter. */
  attempts: number;
}

/** Milliseconds before the next attempt, or undefined when that was the last. `failed` counts the attempts so far. */
export function delayAfter(policy: RetryPolicy, failed: number): number | undefined {
  if (failed >= policy.attempts) return undefined;
  const seconds = policy.first_seconds * policy.factor ** (failed - 1);
  return Math.round(Math.min(seconds, policy.max_seconds) * 1000);
}
