/** The time, injected so that tests can move it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds by a clock that only grows and that nobody sets, for what lasts; without it that of the process. */
  steady_ms?(): number;
}

/** Milliseconds that only grow: for how long something lasts, whatever is done to the clock of the computer. */
export const steadyMs = (clock: Clock): number => clock.steady_ms?.() ?? performance.now();

export const systemClock: Clock = { now: () => Date.now() };

/** ISO 8601 in UTC with milliseconds, as every answer writes it. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();
