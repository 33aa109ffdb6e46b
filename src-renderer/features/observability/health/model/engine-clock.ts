import type { DeepHealth } from '../../../../../src-contract/index.ts';

/** An answer may be a second old, and takes some to be made and to arrive: what is within this is no difference. */
const TOLERATED_MS = 10_000;

/**
 * Now, by the clock of the engine: how long something lasts is counted by the clock that said when it began.
 *
 * @param read_ms when the answer came, by the clock of the browser
 */
export function engineNow(now_ms: number, read_ms: number, { checked_at }: Pick<DeepHealth, 'checked_at'>): number {
  const ahead_ms = read_ms - Date.parse(checked_at);
  return Math.abs(ahead_ms) <= TOLERATED_MS ? now_ms : now_ms - ahead_ms;
}
