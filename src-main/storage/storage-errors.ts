/** Tells a database that is away, or full, from a mistake of ours. */
import { ArchonError } from '../errors.ts';

/** SQLSTATEs of a server that cannot serve us now, deadlocks among them: the same call may succeed at once. https://www.postgresql.org/docs/18/errcodes-appendix.html */
const AWAY_STATES = new Set(['57P01', '57P02', '57P03', '53300', '57014', '55P03', '25P03', '40P01', '40001']);
const AWAY_SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** What pg says without a code. */
const AWAY_MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|connection ended|query read timeout|not queryable|worker .*(stopped|exited)/i;

/** What to answer for an error of the database, or undefined when it is not one of these. */
export function databaseFault(error: unknown): ArchonError | undefined {
  if (!(error instanceof Error) || error instanceof ArchonError) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === '53100') {
    return new ArchonError('STORAGE_FULL', 'The disk of the database is full: free some space and try again.', {
      cause: error,
    });
  }
  if (
    code.startsWith('08') ||
    AWAY_STATES.has(code) ||
    AWAY_SYSTEM_CODES.has(code) ||
    AWAY_MESSAGES.test(error.message)
  ) {
    return new ArchonError('STORAGE_UNAVAILABLE', `The database is away (${error.message}); try again.`, {
      cause: error,
    });
  }
  return undefined;
}
