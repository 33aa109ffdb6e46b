/** Errors of the embedded database that an operator can act on. */
import { DataFolderNotWritableError, type NotWritableReason } from '../data-folder-lock.ts';

/** The cluster was written by another major version of PostgreSQL, whose files this one cannot read. */
export class ClusterVersionError extends Error {
  readonly code = 'CLUSTER_VERSION_MISMATCH';
  readonly found: string;
  readonly expected: string;

  constructor(where: string, found: string, expected: string) {
    super(
      `${where} holds PostgreSQL ${found}, this version of Archon opens PostgreSQL ${expected}. ` +
        `Export with the version of Archon that wrote it ("archon export"), move it aside, and import the export here.`,
    );
    this.name = 'ClusterVersionError';
    this.found = found;
    this.expected = expected;
  }
}

/** The cluster folder is there, but the database does not open it. */
export class ClusterOpenError extends Error {
  readonly code = 'CLUSTER_OPEN_FAILED';
  readonly cluster_dir: string;
  readonly detail: string;

  constructor(cluster_dir: string, detail: string, options?: ErrorOptions) {
    super(
      `The embedded database in ${cluster_dir} does not open: ${detail}. Load a backup with "archon restore FILE" ` +
        '(the folder "backups" beside it holds those made by the server), or move the folder aside to begin empty.',
      options,
    );
    this.name = 'ClusterOpenError';
    this.cluster_dir = cluster_dir;
    this.detail = detail;
  }
}

/** A backup file that is cut short, damaged or no backup. Nothing was created from it. */
export class BackupUnreadableError extends Error {
  readonly code = 'BACKUP_UNREADABLE';
  readonly file: string;

  constructor(file: string, detail: string, options?: ErrorOptions) {
    super(`The backup ${file} cannot be read: ${detail}. Give "archon restore" another one.`, options);
    this.name = 'BackupUnreadableError';
    this.file = file;
  }
}

/**
 * There is no database to talk to at the moment. The codes are those of a PostgreSQL server in the same state, so
 * callers need not tell them apart: 57P01 stopped, 57P02 crashed, 57P03 not yet up.
 */
export class EmbeddedPostgresUnavailableError extends Error {
  readonly code: '57P01' | '57P02' | '57P03';

  constructor(code: EmbeddedPostgresUnavailableError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EmbeddedPostgresUnavailableError';
    this.code = code;
  }
}

/** What the server says about a disk in its log, in the words of strerror(3). */
const DISK_TROUBLE: readonly (readonly [RegExp, NotWritableReason])[] = [
  [/no space left on device|disk quota exceeded/i, 'ENOSPC'],
  [/read-only file system/i, 'EROFS'],
  [/permission denied/i, 'EACCES'],
];

/** The error for an operator, when the database failed because of the disk; null when it did not. */
export function diskFailure(cluster_dir: string, error: Error): DataFolderNotWritableError | null {
  const reason = DISK_TROUBLE.find(([pattern]) => pattern.test(error.message))?.[1];
  return reason ? new DataFolderNotWritableError(cluster_dir, reason, { cause: error }) : null;
}

/** Why a cluster did not open: the disk's fault, or its own. */
export function openFailure(cluster_dir: string, error: Error): Error {
  return diskFailure(cluster_dir, error) ?? new ClusterOpenError(cluster_dir, error.message, { cause: error });
}
