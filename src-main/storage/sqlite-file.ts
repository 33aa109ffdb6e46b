/** Opens a SQLite file of the data folder: made for its owner only, durable, migrated. */
import { closeSync, openSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { sqliteFault, withSqliteFaults } from './sqlite-faults.ts';
import { migrateSqlite } from './sqlite-migrations.ts';

/** How long a statement waits for another process's lock. */
const BUSY_TIMEOUT_MS = 5_000;
/** Pause between two attempts to switch to the write-ahead log. */
const WAL_RETRY_MS = 20;
/** A write-ahead log that grew beyond this is cut back at the next checkpoint, in bytes. */
const WAL_SIZE_LIMIT = 64 * 1024 ** 2;

/** Pages (of 4 KiB) that are copied before everybody else gets a turn. */
const COPY_PAGES = 256;

/** @throws SqliteFileError when the file cannot be used */
export function openSqliteFile(file: string, migrationsDir: string): BetterSqlite3.Database {
  return withSqliteFaults(file, () => {
    // SQLite would make it readable for everyone; the -wal and -shm files take over the mode of this one.
    closeSync(openSync(file, 'a', 0o600));
    const db = new BetterSqlite3(file, { timeout: BUSY_TIMEOUT_MS });
    try {
      enterWalMode(db);
      // In WAL mode only FULL syncs at every commit: what was acknowledged survives a power cut.
      db.pragma('synchronous = FULL');
      db.pragma('foreign_keys = ON');
      db.pragma(`journal_size_limit = ${WAL_SIZE_LIMIT}`);
      migrateSqlite(db, migrationsDir);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/**
 * Copies a database that is in use to a file that does not exist yet, a piece at a time. What is written through this
 * connection meanwhile is in the copy; a write of another process makes it begin again.
 *
 * @throws SqliteFileError
 */
export async function copySqliteFile(db: BetterSqlite3.Database, target: string, signal: AbortSignal): Promise<void> {
  try {
    const progress = () => {
      signal.throwIfAborted();
      return COPY_PAGES;
    };
    await db.backup(target, { progress });
  } catch (error) {
    throw sqliteFault(error, target) ?? error;
  }
}

/** SQLite does not wait for its lock here, whatever the timeout says, so that two processes starting at once collide. */
function enterWalMode(db: BetterSqlite3.Database): void {
  for (let waited_ms = 0; ; waited_ms += WAL_RETRY_MS) {
    try {
      db.pragma('journal_mode = WAL');
      return;
    } catch (error) {
      const busy = error instanceof BetterSqlite3.SqliteError && error.code.startsWith('SQLITE_BUSY');
      if (!busy || waited_ms >= BUSY_TIMEOUT_MS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAL_RETRY_MS);
    }
  }
}
