/** One look at a connection: told as running, then with what came of it, within a time. */
import type { ConnectionStep, ConnectionStepName } from '../../../src-contract/index.ts';
import { explainConnectionError } from '../connection-errors.ts';

export interface StepOutcome {
  state: 'ok' | 'warning' | 'failed' | 'skipped';
  detail: string | null;
  advice: string | null;
}

export interface StepContext {
  signal: AbortSignal;
  /** Milliseconds that a step may take. */
  limit_ms: number;
}

export const ok = (detail: string): StepOutcome => ({ state: 'ok', detail, advice: null });
export const skipped = (detail: string): StepOutcome => ({ state: 'skipped', detail, advice: null });
export const warning = (detail: string, advice: string): StepOutcome => ({ state: 'warning', detail, advice });
export const failed = (detail: string, advice: string | null): StepOutcome => ({ state: 'failed', detail, advice });

/**
 * Runs a step. Its work is given a signal that ends it: whatever answers or does not, the step is over in time.
 *
 * @returns false when it failed, and nothing after it makes sense
 */
export async function* step(
  name: ConnectionStepName,
  { signal, limit_ms }: StepContext,
  work: (signal: AbortSignal) => Promise<StepOutcome>,
): AsyncGenerator<ConnectionStep, boolean> {
  signal.throwIfAborted();
  yield { step: name, state: 'running', detail: null, advice: null, took_ms: null };
  const began_ms = performance.now();
  const outcome = await within(limit_ms, signal, work).catch((error: unknown) => {
    signal.throwIfAborted();
    const { detail, advice } = explainConnectionError(error);
    return failed(detail, advice);
  });
  yield { step: name, ...outcome, took_ms: Math.round((performance.now() - began_ms) * 10) / 10 };
  return outcome.state !== 'failed';
}

async function within<T>(limit_ms: number, outer: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  // An event that is over is not heard of again.
  outer.throwIfAborted();
  const limit = new AbortController();
  const late = Object.assign(new Error(`there was no answer within ${limit_ms / 1000} s`), { code: 'ETIMEDOUT' });
  const timer = setTimeout(() => limit.abort(late), limit_ms);
  const signal = AbortSignal.any([limit.signal, outer]);
  const ended = Promise.withResolvers<never>();
  const end = () => ended.reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work(signal), ended.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

/** What is left out because a step before it failed. */
export function* leftOut(names: readonly ConnectionStepName[]): Generator<ConnectionStep, void> {
  for (const name of names) {
    yield { step: name, state: 'skipped', detail: 'A step before it failed.', advice: null, took_ms: null };
  }
}

/** The middle one: a single slow answer says little. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
