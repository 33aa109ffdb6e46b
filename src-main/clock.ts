/** The time, injected so that tests can move it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** ISO 8601 in UTC with milliseconds, as every answer writes it. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();
