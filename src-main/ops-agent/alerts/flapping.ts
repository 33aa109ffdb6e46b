/**
 * What comes again and again is one alert, not fifty: of what was over a moment ago it takes twice as long, each time, until it
 * is over again. Pure.
 */

/** It comes again when it was over for no longer than this. */
export const AGAIN_WITHIN_MS = 3_600_000;
/** Unless its rule waits for longer. */
export const LONGEST_CALM_MS = 1_800_000;

/** How one of a series ended. */
export interface Ended {
  at_ms: number;
  /** How often it had come again by then. */
  repeats: number;
}

/** How often one that begins now has come again. */
export function repeatsOf(last: Ended | undefined, at_ms: number): number {
  if (!last) return 0;
  // A clock that went back says nothing of how long it was.
  return at_ms - last.at_ms <= AGAIN_WITHIN_MS ? last.repeats + 1 : 0;
}

/** How long its condition must not hold until it is over. */
export function calmFor(resolve_after_ms: number, repeats: number): number {
  return Math.max(resolve_after_ms, Math.min(resolve_after_ms * 2 ** repeats, LONGEST_CALM_MS));
}
