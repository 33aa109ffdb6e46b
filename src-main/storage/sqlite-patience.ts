/**
 * Writing to a SQLite file that another process keeps locked.
 *
 * SQLite waits inside the call, which holds up everything else this process does. Here the lock is never waited for
 * inside: the work is tried, and tried again later.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { SqliteFileError, withSqliteFaults } from './sqlite-faults.ts';

/** Milliseconds a locked file is tried again for, as long as SQLite itself would wait. */
const PATIENCE_MS = 5000;
const PAUSE_MS = 25;

/**
 * Runs the work; a locked file is not waited for.
 *
 * @throws SqliteFileError
 */
export function withoutWaiting<T>(db: Database, work: () => T): T {
  // SQLite waits per connection, not per statement; nothing else runs on it until this has returned.
  const waits_ms = db.pragma('busy_timeout', { simple: true });
  db.pragma('busy_timeout = 0');
  try {
    return withSqliteFaults(db.name, work);
  } finally {
    db.pragma(`busy_timeout = ${waits_ms}`);
  }
}

/**
 * Runs the work as soon as the file is free; the event loop goes on meanwhile. The work must be one statement or one
 * immediate transaction, so that an attempt that finds the file locked has done nothing.
 *
 * @throws SqliteFileError also when the file stays locked
 */
export async function whenFree<T>(db: Database, work: () => T, patience_ms = PATIENCE_MS): Promise<T> {
  const until_ms = performance.now() + patience_ms;
  for (;;) {
    try {
      return withoutWaiting(db, work);
    } catch (error) {
      const isBusy = error instanceof SqliteFileError && error.kind === 'busy';
      if (!isBusy || performance.now() >= until_ms) throw error;
      await wait(PAUSE_MS);
    }
  }
}
