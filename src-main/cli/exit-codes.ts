/** How a command ends: one number per kind of ending, documented in `docs/reference/command-line.md`. */
import { ORPCError } from '@orpc/client';
import pg from 'pg';
import { ERRORS } from '../../src-contract/index.ts';
import { ArchonError } from '../errors.ts';
import { ListenRefusedError } from '../server/bind-rules.ts';
import { ConfigError } from '../settings/load-config.ts';
import { DatabaseRightsError, DatabaseTooNewError, MigrationChangedError } from '../storage/migrator.ts';
import { DatabaseTooOldError } from '../storage/server-version.ts';
import { SessionStoreUnavailableError } from '../storage/sessions/session-store.ts';

export const EXIT_CODES = {
  ok: { code: 0, meaning: 'Done.' },
  failed: { code: 1, meaning: 'Failed; the message says why. `doctor`: at least one check failed.' },
  usage: { code: 2, meaning: 'The command line, the configuration or a value is not valid; nothing was done.' },
  not_found: { code: 3, meaning: 'A file, id or token that was named is not there.' },
  in_use: { code: 4, meaning: 'Another process uses the data folder and cannot be asked to help.' },
  store_away: { code: 5, meaning: 'A store is away, the disk is full, or the data folder cannot be written.' },
  partly: { code: 6, meaning: '`import`: done, but some records were refused; they are listed.' },
  alerting: { code: 7, meaning: '`ops status`: something critical fires.' },
  interrupted: { code: 130, meaning: 'Stopped by Ctrl-C or SIGTERM; what was done stays.' },
} as const;

export type Ending = keyof typeof EXIT_CODES;

/** A failure whose message is meant for the person at the terminal. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly ending: Ending;
  /** What machines see with `--json`. */
  readonly code: string;

  constructor(ending: Ending, message: string, code = ending.toUpperCase()) {
    super(message);
    this.ending = ending;
    this.code = code;
  }
}

export interface Failure {
  ending: Ending;
  code: string;
  message: string;
  /** True when nobody foresaw it: the log gets the stack. */
  unexpected: boolean;
}

const ENDINGS: Partial<Record<string, Ending>> = {
  VALIDATION_FAILED: 'usage',
  CURSOR_INVALID: 'usage',
  NOT_FOUND: 'not_found',
  STORAGE_FULL: 'store_away',
  STORAGE_UNAVAILABLE: 'store_away',
  DATA_FOLDER_IN_USE: 'in_use',
  DATA_FOLDER_NOT_WRITABLE: 'store_away',
  CLUSTER_VERSION_MISMATCH: 'failed',
  CLUSTER_OPEN_FAILED: 'failed',
  BACKUP_UNREADABLE: 'failed',
};

/** What to say about an error and how to end. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CommandError) {
    return { ending: error.ending, code: error.code, message: error.message, unexpected: false };
  }
  if (error instanceof ConfigError) {
    return { ending: 'usage', code: 'CONFIG_INVALID', message: error.message, unexpected: false };
  }
  if (error instanceof DatabaseTooOldError) {
    return { ending: 'usage', code: 'DATABASE_TOO_OLD', message: error.message, unexpected: false };
  }
  if (error instanceof ListenRefusedError) {
    return { ending: 'usage', code: 'LISTEN_REFUSED', message: error.message, unexpected: false };
  }
  if (error instanceof ORPCError) return describeApiError(error);
  if (error instanceof ArchonError || hasOwnCode(error)) {
    const ending = ENDINGS[error.code] ?? 'failed';
    return { ending, code: error.code, message: error.message, unexpected: false };
  }
  if (error instanceof SessionStoreUnavailableError) {
    return { ending: 'store_away', code: 'STORAGE_UNAVAILABLE', message: error.message, unexpected: false };
  }
  if (error instanceof pg.DatabaseError) {
    const message = `The database refuses: ${error.message} (see database.url).`;
    return { ending: 'failed', code: 'DATABASE_REFUSED', message, unexpected: false };
  }
  if (error instanceof DatabaseTooNewError || error instanceof MigrationChangedError) {
    return { ending: 'failed', code: 'DATABASE_DOES_NOT_FIT', message: error.message, unexpected: false };
  }
  if (error instanceof DatabaseRightsError) {
    return { ending: 'failed', code: 'DATABASE_REFUSED', message: error.message, unexpected: false };
  }
  if (error instanceof DOMException && error.name === 'AbortError') {
    return { ending: 'interrupted', code: 'INTERRUPTED', message: 'Stopped before it was done.', unexpected: false };
  }
  if (error instanceof TypeError && error.message === 'fetch failed') {
    const message = 'The running server does not answer any more.';
    return { ending: 'failed', code: 'SERVER_AWAY', message, unexpected: false };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { ending: 'failed', code: 'UNEXPECTED', message, unexpected: true };
}

function describeApiError(error: ORPCError<string, unknown>): Failure {
  const issues = error.code === 'VALIDATION_FAILED' ? issuesOf(error.data) : [];
  return {
    ending: ENDINGS[error.code] ?? 'failed',
    code: error.code,
    message: issues.length > 0 ? issues.map(({ field, message }) => `${field}: ${message}`).join('\n') : error.message,
    unexpected: !(error.code in ERRORS),
  };
}

function issuesOf(data: unknown): readonly { field: string; message: string }[] {
  const parsed = ERRORS.VALIDATION_FAILED.data.safeParse(data);
  return parsed.success ? parsed.data.issues : [];
}

/** Errors of the stores carry a code of ours (in capitals) and a message that says what to do. */
function hasOwnCode(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code in ENDINGS;
}
