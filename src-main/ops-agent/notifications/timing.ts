/** When people are told, as the settings say. */
import type { Config } from '../../settings/config-schema.ts';

export interface Timing {
  group_wait_ms: number;
  group_interval_ms: number;
  /** 0: never. */
  repeat_ms: number;
}

export const repeatMs = (config: Readonly<Config>): number => config['alerts.repeat_hours'] * 3600_000;

export const timingOf = (config: Readonly<Config>): Timing => ({
  group_wait_ms: config['alerts.group_wait_seconds'] * 1000,
  group_interval_ms: config['alerts.group_interval_minutes'] * 60_000,
  repeat_ms: repeatMs(config),
});

/** What failed for good is tried anew after so long, for as long as it is true: the network of this computer may be back. */
export const ANEW_MS = 30 * 60_000;

/** Milliseconds an attempt may take, from the connection to the end of the answer. */
export const ATTEMPT_MS = 12_000;
/** How long a message is this process's once it begins to send it: nobody else sends it meanwhile. */
export const CLAIM_MS = ATTEMPT_MS + 30_000;

/** Attempts at one message, within about a quarter of an hour. */
export const MOST_ATTEMPTS = 5;
const DELAYS_MS = [15_000, 60_000, 240_000, 600_000];
export const MOST_RETRY_AFTER_MS = 3600_000;

/**
 * Milliseconds until the next attempt.
 *
 * @param attempts that failed
 * @param random 0 to 1: what failed together is not tried again together
 */
export function retryDelay(attempts: number, retry_after_ms: number | null, random: number): number {
  const base = DELAYS_MS[Math.min(attempts, DELAYS_MS.length) - 1] ?? 0;
  const delay = Math.round(base * (0.8 + random * 0.4));
  return retry_after_ms === null ? delay : Math.min(Math.max(delay, retry_after_ms), MOST_RETRY_AFTER_MS);
}
