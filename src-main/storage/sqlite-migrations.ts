/** Brings a SQLite file to the version of this app, safely with several processes starting at once. */
import type { Database } from 'better-sqlite3';
import { readMigrations } from './migrator.ts';
import { SqliteFileError } from './sqlite-faults.ts';

/**
 * Applies the NNNN_name.sql files of a folder that are pending, each in a transaction of its own.
 *
 * `PRAGMA user_version` is the number of the last one applied. It is read again under the write lock before each file,
 * so that a process which waited for another one finds its work done.
 *
 * @throws SqliteFileError `too_new` when a newer app wrote the file; it is left as it is.
 */
export function migrateSqlite(db: Database, folder: string): { from: number; to: number } {
  const migrations = readMigrations(folder);
  const from = userVersion(db);
  const applyNext = db.transaction((): boolean => {
    const version = userVersion(db);
    refuseNewer(db, version, migrations.length);
    const next = migrations[version];
    if (!next) return false;
    db.exec(next.sql);
    // A COMMIT inside the file would have ended the transaction: half a migration could then stay behind.
    if (!db.inTransaction) throw new Error(`migration ${next.version} (${next.name}) must not end its transaction`);
    db.pragma(`user_version = ${next.version}`);
    return true;
  });
  refuseNewer(db, from, migrations.length);
  if (from < migrations.length) while (applyNext.immediate());
  return { from, to: userVersion(db) };
}

const userVersion = (db: Database): number => Number(db.pragma('user_version', { simple: true }));

function refuseNewer(db: Database, found: number, known: number): void {
  if (found <= known) return;
  throw new SqliteFileError(
    'too_new',
    db.name,
    `${db.name} is at version ${found}, this app knows versions up to ${known}. Update the app; an older one would damage the data.`,
  );
}
