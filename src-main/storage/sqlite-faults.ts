/** Tells a SQLite file that cannot be used (disk full, read-only, damaged, …) from a mistake of ours. */
import { ArchonError } from '../errors.ts';

export type SqliteFaultKind = 'full' | 'read_only' | 'cannot_open' | 'io' | 'damaged' | 'busy' | 'too_new';

/** A local database file that cannot be used. The message says which file and what to do. */
export class SqliteFileError extends ArchonError {
  override readonly name = 'SqliteFileError';
  readonly kind: SqliteFaultKind;
  readonly file: string;

  constructor(kind: SqliteFaultKind, file: string, message: string, cause?: unknown) {
    super(kind === 'full' ? 'STORAGE_FULL' : 'STORAGE_UNAVAILABLE', message, { cause });
    this.kind = kind;
    this.file = file;
  }
}

/** Begins of result codes, extended ones included, and codes of the file system. https://www.sqlite.org/rescode.html */
const KINDS: readonly (readonly [prefix: string, kind: SqliteFaultKind])[] = [
  ['SQLITE_FULL', 'full'],
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['SQLITE_READONLY', 'read_only'],
  ['EROFS', 'read_only'],
  ['EACCES', 'read_only'],
  ['EPERM', 'read_only'],
  ['SQLITE_CANTOPEN', 'cannot_open'],
  ['SQLITE_PERM', 'cannot_open'],
  ['ENOENT', 'cannot_open'],
  ['ENOTDIR', 'cannot_open'],
  ['EISDIR', 'cannot_open'],
  ['SQLITE_IOERR', 'io'],
  ['EIO', 'io'],
  ['SQLITE_NOTADB', 'damaged'],
  ['SQLITE_CORRUPT', 'damaged'],
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
];

const ADVICE: Record<Exclude<SqliteFaultKind, 'too_new'>, string> = {
  full: 'the disk is full. Free some space and try again; what was stored before is safe.',
  read_only:
    'it cannot be written. Make the file and its folder writable for this user, or choose another data folder.',
  cannot_open:
    'it cannot be opened. Check that the folder exists and that this user may read and write it, or choose another data folder.',
  io: 'the disk reports an error. Check the disk and the free space, then try again.',
  damaged:
    'it is damaged or no SQLite database. Stop Archon and load a backup with "archon restore FILE", or move the file aside (together with its -wal and -shm files): a new one is made at the next start.',
  busy: 'another program keeps it locked. Close the other program and try again.',
};

/** What to tell for an error of SQLite or of the file system, or undefined when it is not one of these. */
export function sqliteFault(error: unknown, file: string): SqliteFileError | undefined {
  if (!(error instanceof Error) || error instanceof ArchonError) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const kind = KINDS.find(([prefix]) => code.startsWith(prefix))?.[1];
  if (kind === undefined || kind === 'too_new') return undefined;
  return new SqliteFileError(kind, file, `${file}: ${ADVICE[kind]} (${code}: ${error.message})`, error);
}

/** Runs the work; an error of the file becomes a {@link SqliteFileError}, any other stays what it is. */
export function withSqliteFaults<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw sqliteFault(error, file) ?? error;
  }
}
