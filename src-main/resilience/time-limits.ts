/**
 * Limits of time, looked at together.
 *
 * Every request and every call of a store has one, and almost none is ever over. A timer for each of them, which is begun
 * and ended some hundred times a second and each time for another number of milliseconds, costs more than all other
 * policies together: Node keeps a list of timers for every duration.
 */

/** Milliseconds between looks, while there is anything to look at: a limit is told of so much later at most. */
const LOOK_MS = 50;
/** Shorter ones are worth a timer of their own. */
const SHORT_MS = 500;

interface Limit {
  readonly until_ms: number;
  readonly onOver: () => void;
}

const limits = new Set<Limit>();
let isLooking = false;

/**
 * Calls `onOver` once the time is over.
 *
 * @returns a function that takes the limit back
 */
export function limitTime(limit_ms: number, onOver: () => void): () => void {
  if (limit_ms < SHORT_MS) {
    const timer = setTimeout(onOver, limit_ms);
    return () => clearTimeout(timer);
  }
  const limit = { until_ms: performance.now() + limit_ms, onOver };
  limits.add(limit);
  if (!isLooking) lookSoon();
  return () => void limits.delete(limit);
}

function lookSoon(): void {
  isLooking = true;
  setTimeout(look, LOOK_MS);
}

function look(): void {
  isLooking = false;
  const now_ms = performance.now();
  for (const limit of limits) {
    if (limit.until_ms > now_ms) continue;
    limits.delete(limit);
    limit.onOver();
  }
  if (limits.size > 0 && !isLooking) lookSoon();
}
