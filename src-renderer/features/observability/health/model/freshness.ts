/** Whether the figures of the page are those of now: what is old is never shown as if it were current. */

export type Freshness =
  | { kind: 'current'; read_ms: number }
  /** The person switched the refresh off. */
  | { kind: 'paused'; read_ms: number }
  /** Archon is connected, but does not answer. */
  | { kind: 'late'; read_ms: number }
  | { kind: 'offline'; since_ms: number; read_ms: number | undefined };

/** Answers that may be missed before the figures are late, and the least time they have. */
const MISSED = 3;
const LEAST_MS = 5000;

/** @returns undefined while nothing was read yet */
export function freshnessOf({
  offline_since_ms,
  read_ms,
  every_ms,
  now_ms,
}: {
  /** Undefined while Archon is connected. */
  offline_since_ms: number | undefined;
  /** When the last answer came; 0 when none has. */
  read_ms: number;
  /** False: not asked by itself. */
  every_ms: number | false;
  now_ms: number;
}): Freshness | undefined {
  if (offline_since_ms !== undefined) {
    return { kind: 'offline', since_ms: offline_since_ms, read_ms: read_ms === 0 ? undefined : read_ms };
  }
  if (read_ms === 0) return undefined;
  if (every_ms === false) return { kind: 'paused', read_ms };
  const isLate = now_ms - read_ms > Math.max(LEAST_MS, MISSED * every_ms);
  return { kind: isLate ? 'late' : 'current', read_ms };
}
