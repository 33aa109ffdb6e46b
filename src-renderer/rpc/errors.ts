/** What went wrong, in words for the person in front of it. */
import { ORPCError } from '@orpc/client';
import { localTimes } from '../ui/content/local-times.ts';
import { OfflineError } from './transport.ts';

export interface Problem {
  message: string;
  /** Of the contract; undefined when the call never arrived. */
  code: string | undefined;
  /** Worth trying again as it is. */
  transient: boolean;
}

const TRANSIENT = new Set(['STORAGE_UNAVAILABLE', 'STORAGE_FULL', 'RATE_LIMITED', 'INTERNAL_SERVER_ERROR']);

export function problemOf(error: unknown): Problem {
  if (error instanceof ORPCError) {
    return { message: localTimes(error.message), code: error.code, transient: TRANSIENT.has(error.code) };
  }
  if (error instanceof OfflineError) return { message: error.message, code: undefined, transient: true };
  // A part of the page that was not loaded yet: only its server has it.
  if (error instanceof TypeError && /dynamically imported module/i.test(error.message)) {
    return { message: new OfflineError().message, code: undefined, transient: true };
  }
  // The connection broke under the call: oRPC says so in its own words.
  const message = error instanceof Error ? error.message : String(error);
  if (/websocket|socket|peer|closed|aborted/i.test(message)) {
    return { message: new OfflineError().message, code: undefined, transient: true };
  }
  return { message, code: undefined, transient: false };
}

/** Text of an error for the clipboard: what support needs. */
export function errorDetails(error: unknown): string {
  const { message, code } = problemOf(error);
  const stack = error instanceof Error ? error.stack : undefined;
  return [
    `Archon: ${message}`,
    code && `code: ${code}`,
    `time: ${new Date().toISOString()}`,
    `page: ${location.pathname}`,
    stack,
  ]
    .filter(Boolean)
    .join('\n');
}
