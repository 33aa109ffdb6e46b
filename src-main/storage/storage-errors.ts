/** Tells a database that is away, or full, from a mistake of ours. */
import { ArchonError } from '../errors.ts';

/**
 * SQLSTATEs of a server that cannot serve us now, deadlocks among them: the same call may succeed at once.
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const AWAY_STATES = new Set([
  '25P03', // idle_in_transaction_session_timeout
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '53300', // too_many_connections
  '55P03', // lock_not_available
  '57014', // query_canceled
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
]);
/** Those that trying again does not mend alone: what to do instead. */
const ADVICE: Partial<Record<string, string>> = {
  '25006':
    'The database server takes no writes, as a standby after a failover: check that database.url leads to the primary, then try again.',
  '53200': 'The database server is out of memory: give it more, or let less run on it, then try again.',
  '57P04': 'The database was dropped on its server: check database.url, or restore it there.',
  '58030': 'The disk of the database server reports an error: see its log and check the disk, then try again.',
};
const READ_ONLY = '25006';
const DISK_FULL = '53100';
/** Not every error of a full disk has the code for it: PostgreSQL knows no quotas, and may only see a write fail. */
const DISK_FULL_CODES = new Set(['58030', 'XX000']);
const DISK_FULL_MESSAGES = /no space left on device|disk quota exceeded/i;

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
  /connection terminated|timeout exceeded when trying to connect|^timeout expired$|connection ended|query read timeout|not queryable|worker .*(stopped|exited)/i;

/** What to answer for an error of the database, or undefined when it is not one of these. */
export function databaseFault(error: unknown): ArchonError | undefined {
  if (!(error instanceof Error) || error instanceof ArchonError) return undefined;
  const code = codeOf(error);
  if (code === DISK_FULL || (DISK_FULL_CODES.has(code) && DISK_FULL_MESSAGES.test(error.message))) {
    return new ArchonError('STORAGE_FULL', 'The disk of the database is full: free some space and try again.', {
      cause: error,
    });
  }
  const advice = ADVICE[code];
  if (advice !== undefined) return new ArchonError('STORAGE_UNAVAILABLE', advice, { cause: error });
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

/** A server that goes, comes or cuts connections; not one that answers that it cannot do this, or not now. */
const GONE_STATES = new Set(['57P01', '57P02', '57P03']);
/**
 * A place in our own pool that did not become free says nothing of the server: calls may be slow.
 * https://github.com/brianc/node-postgres/blob/master/packages/pg-pool/index.js
 */
const POOL_EXHAUSTED = /^timeout exceeded when trying to connect/;
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** What was refused before anything was asked. */
const REFUSED_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P01', '57P03']);
const CUT_OFF = /^connection terminated unexpectedly|not queryable/i;

/** What an error says of the server: it cannot be reached; it answered something; nothing, as it was never asked. */
export function judgeDatabase(error: unknown): 'away' | 'answered' | 'nothing' {
  const cause = causeOf(error);
  // A refusal of ours, such as of an id that is not there.
  if (cause === undefined) return 'nothing';
  const code = codeOf(cause);
  if (SQLSTATE.test(code) && !AWAY_SYSTEM_CODES.has(code)) {
    return code.startsWith('08') || GONE_STATES.has(code) ? 'away' : 'answered';
  }
  if (POOL_EXHAUSTED.test(cause.message)) return 'nothing';
  return AWAY_SYSTEM_CODES.has(code) || AWAY_MESSAGES.test(cause.message) ? 'away' : 'nothing';
}

/** Whether a connection was refused or cut at once, as while a server restarts: the next may be taken. */
export function isRefusedConnection(error: unknown): boolean {
  const cause = causeOf(error);
  return cause !== undefined && (REFUSED_CODES.has(codeOf(cause)) || CUT_OFF.test(cause.message));
}

/** Whether a connection that was there was cut: what only reads may be asked again on another. */
export function wasCutOff(error: unknown): boolean {
  return isRefusedConnection(error) && codeOf(causeOf(error) ?? new Error()) !== 'ECONNREFUSED';
}

/** What pg or the system said. */
function causeOf(error: unknown): Error | undefined {
  if (!(error instanceof ArchonError)) return error instanceof Error ? error : undefined;
  return error.cause instanceof Error ? error.cause : undefined;
}

/** The data itself is at fault (SQLSTATE classes 22 and 23): no other attempt will do better. */
export function isDataFault(error: unknown): boolean {
  return /^2[23]/.test(sqlStateOf(error));
}

/** The SQLSTATE of an error, or of what caused it; empty for one that no server sent. */
export function sqlStateOf(error: unknown): string {
  const cause = causeOf(error);
  const code = cause === undefined ? '' : codeOf(cause);
  return SQLSTATE.test(code) && !AWAY_SYSTEM_CODES.has(code) ? code : '';
}

/** Whether the server refused to write because it is a standby. */
export function isReadOnly(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === READ_ONLY;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
