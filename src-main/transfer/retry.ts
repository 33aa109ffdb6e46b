/** Tries a write again while a store is away, so that a restart of the database does not end an import. */
import { ArchonError } from '../errors.ts';
import { SessionStoreUnavailableError } from '../storage/sessions/session-store.ts';
import { databaseFault } from '../storage/storage-errors.ts';

/** Waits before each further try, in milliseconds: half a minute in all. */
export const RETRY_DELAYS_MS: readonly number[] = [500, 1000, 2000, 4000, 8000, 16_000];

/** The same write may succeed later. */
export function isPassing(error: unknown): boolean {
  if (error instanceof SessionStoreUnavailableError) return true;
  const fault = error instanceof ArchonError ? error : databaseFault(error);
  return fault?.code === 'STORAGE_UNAVAILABLE';
}

/** SQLSTATEs that blame the data: wrong values, broken rules, limits, unknown names. Class 42 holds 42704, an unknown language. */
const DATA_STATES = /^(?:22|23|54|42704)/;

/** Codes that blame the data; NOT_FOUND: the session has become another user's. */
const REFUSALS: ReadonlySet<string> = new Set(['VALIDATION_FAILED', 'CONFLICT', 'NOT_FOUND']);

/** The write was refused for what it contains; another may pass. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof ArchonError) return REFUSALS.has(error.code);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && DATA_STATES.test(error.code);
}

/** Runs a write, again after each delay while the store is away. @throws what the last try threw, or the signal's reason */
export async function withRetries<T>(
  write: () => Promise<T>,
  delays_ms: readonly number[],
  signal: AbortSignal,
): Promise<T> {
  for (const delay_ms of delays_ms) {
    try {
      return await write();
    } catch (error) {
      if (!isPassing(error)) throw error;
      await pause(delay_ms, signal);
    }
  }
  return await write();
}

/** Waits; an abort ends the wait with its reason. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
