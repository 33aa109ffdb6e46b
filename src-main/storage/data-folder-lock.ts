/**
 * One process per data folder.
 *
 * The embedded database lets a second process open its files and then corrupts them, so whoever opens a data folder
 * holds this lock first. It is an exclusive SQLite transaction on `lock.db`, that is, an operating system file lock: the
 * kernel frees it when the holder dies, also by `kill -9`, and no stale lock file ever has to be removed by hand.
 * A lock file that stays behind is only a file; what locks is the open transaction.
 */

import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';

const LOCK_FILE = 'lock.db';
const HOLDER_FILE = 'lock.json';

/** Who holds a data folder, as written beside the lock so that a refused process can say it. */
export interface DataFolderHolder {
  pid: number;
  started_at: string;
}

/** Another process (or this one, twice) has the data folder open. */
export class DataFolderInUseError extends Error {
  readonly code = 'DATA_FOLDER_IN_USE';
  readonly folder: string;
  /** Null when the holder has not written its name yet. */
  readonly holder: DataFolderHolder | null;

  constructor(folder: string, holder: DataFolderHolder | null) {
    const who = holder ? `process ${holder.pid}, running since ${holder.started_at}` : 'another process';
    super(`The data folder ${folder} is in use by ${who}. Stop that process, or choose another data folder.`);
    this.name = 'DataFolderInUseError';
    this.folder = folder;
    this.holder = holder;
  }
}

/** Why a folder cannot be written to: an errno name. */
export type NotWritableReason = 'EACCES' | 'EROFS' | 'ENOSPC' | 'ENOTDIR';

const ADVICE: Record<NotWritableReason, string> = {
  EACCES: 'this user may not write there; change the owner or the mode of the folder, or choose another one',
  EROFS: 'the file system is mounted read-only; remount it for writing, or choose another folder',
  ENOSPC: 'the disk is full; free some space and start again',
  ENOTDIR: 'a part of the path is a file; choose another folder',
};

/** The data folder cannot be created or written to. Nothing in it was changed. */
export class DataFolderNotWritableError extends Error {
  readonly code = 'DATA_FOLDER_NOT_WRITABLE';
  readonly folder: string;
  readonly reason: NotWritableReason;

  constructor(folder: string, reason: NotWritableReason, options?: ErrorOptions) {
    super(`The data folder ${folder} cannot be written to (${reason}): ${ADVICE[reason]}.`, options);
    this.name = 'DataFolderNotWritableError';
    this.folder = folder;
    this.reason = reason;
  }
}

/** Beginnings of file system and SQLite codes (extended ones included). https://www.sqlite.org/rescode.html */
const REASONS: readonly (readonly [prefix: string, reason: NotWritableReason])[] = [
  ['EACCES', 'EACCES'],
  ['EPERM', 'EACCES'],
  ['SQLITE_CANTOPEN', 'EACCES'],
  ['SQLITE_PERM', 'EACCES'],
  ['EROFS', 'EROFS'],
  ['SQLITE_READONLY', 'EROFS'],
  ['ENOSPC', 'ENOSPC'],
  ['EDQUOT', 'ENOSPC'],
  ['SQLITE_FULL', 'ENOSPC'],
  ['ENOTDIR', 'ENOTDIR'],
  ['EEXIST', 'ENOTDIR'],
];

/** The reason behind a file system or SQLite error, or undefined when it is about something else. */
export function notWritableReason(error: unknown): NotWritableReason | undefined {
  const code = errorCode(error);
  return REASONS.find(([prefix]) => code?.startsWith(prefix))?.[1];
}

/**
 * Creates the folder (mode 0700: it holds private conversations) when it is missing, and checks that it takes writes.
 *
 * @throws DataFolderNotWritableError
 */
export function ensureWritableFolder(folder: string): void {
  refusingUnwritable(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  });
}

/** Keeps held locks reachable: better-sqlite3 closes a connection, and so frees its lock, when it is collected. */
const held = new Set<DataFolderLock>();

export class DataFolderLock {
  readonly folder: string;
  #database: Database.Database | null;

  private constructor(folder: string, database: Database.Database) {
    this.folder = folder;
    this.#database = database;
    held.add(this);
  }

  /**
   * Takes the lock of a data folder, creating the folder when it is missing. Never waits.
   *
   * @throws DataFolderInUseError, DataFolderNotWritableError
   */
  static acquire(folder: string): DataFolderLock {
    const path = resolve(folder);
    ensureWritableFolder(path);
    return refusingUnwritable(path, () => {
      const database = openLocked(path);
      try {
        writeHolder(path);
      } catch (error) {
        database.close();
        throw error;
      }
      return new DataFolderLock(path, database);
    });
  }

  /** Gives the folder back. Calling it again does nothing. */
  release(): void {
    if (!this.#database) return;
    // The name goes first: once the lock is free, the file may already be the next holder's.
    rmSync(join(this.folder, HOLDER_FILE), { force: true });
    this.#database.close();
    this.#database = null;
    held.delete(this);
  }
}

function openLocked(folder: string): Database.Database {
  const database = new Database(join(folder, LOCK_FILE), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (errorCode(error) === 'SQLITE_BUSY') throw new DataFolderInUseError(folder, readHolder(folder));
    throw error;
  }
}

function writeHolder(folder: string): void {
  const holder: DataFolderHolder = { pid: process.pid, started_at: new Date().toISOString() };
  const temporary = join(folder, `${HOLDER_FILE}.${process.pid}`);
  writeFileSync(temporary, JSON.stringify(holder), { mode: 0o600 });
  renameSync(temporary, join(folder, HOLDER_FILE));
}

function readHolder(folder: string): DataFolderHolder | null {
  try {
    const holder: unknown = JSON.parse(readFileSync(join(folder, HOLDER_FILE), 'utf8'));
    if (typeof holder !== 'object' || holder === null || !('pid' in holder) || !('started_at' in holder)) return null;
    return { pid: Number(holder.pid), started_at: String(holder.started_at) };
  } catch {
    return null; // Not written yet, or unreadable: the name is a courtesy, the lock itself has already said no.
  }
}

function refusingUnwritable<T>(folder: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const reason = notWritableReason(error);
    if (reason) throw new DataFolderNotWritableError(folder, reason, { cause: error });
    throw error;
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
