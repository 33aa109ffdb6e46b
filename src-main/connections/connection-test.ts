/** Looks at a connection step by step, and changes nothing. */
import type { ConnectionStep } from '../../src-contract/index.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { databaseSteps } from './steps/database-steps.ts';
import { redisSteps } from './steps/redis-steps.ts';

/** Milliseconds that one step may take. */
const STEP_MS = 8_000;

export interface ConnectionTestOptions {
  read_only: boolean;
  signal?: AbortSignal;
  limit_ms?: number;
}

/** Ends with the signal, or when nobody reads on; whatever is open then is closed. */
export async function* testConnection(
  { database, redis }: ConnectionSettings,
  { read_only, signal, limit_ms = STEP_MS }: ConnectionTestOptions,
): AsyncGenerator<ConnectionStep, void> {
  const ended = new AbortController();
  const context = { limit_ms, signal: signal ? AbortSignal.any([signal, ended.signal]) : ended.signal };
  try {
    yield* databaseSteps(database, { ...context, read_only });
    if (redis !== null) yield* redisSteps(redis, context);
  } finally {
    ended.abort();
  }
}
