/** Brings a backup back: checks it beside the data folder's own files, and only then takes their place. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { migrationsFolder, sessionsMigrationsFolder, sqliteMigrationsFolder } from '../../app-files.ts';
import type { Clock } from '../../clock.ts';
import { ApiTokens } from '../../identity/api-tokens.ts';
import { DataFolderLock } from '../data-folder-lock.ts';
import { Database } from '../database.ts';
import { syncTree } from '../embedded/durable-files.ts';
import { BackupUnreadableError, ClusterOpenError } from '../embedded/embedded-errors.ts';
import { EmbeddedPostgres } from '../embedded/embedded-postgres.ts';
import { HistoryStore } from '../history-store.ts';
import { migrate, readMigrations } from '../migrator.ts';
import { withSqliteFaults } from '../sqlite-faults.ts';
import { openSqliteFile } from '../sqlite-file.ts';
import { BACKUP_PARTS, type BackupManifest, readBackup } from './backup-file.ts';
import { fileTime } from './backup-folder.ts';
import { decideForRestored, finishRestore } from './swap.ts';

const UNPACKING = 'restoring-';

/** What is in a backup, counted in the database that was loaded from it. */
export interface BackupContents extends BackupManifest {
  working_memories: number;
  longterm_memories: number;
}

export interface RestoreOptions {
  data_dir: string;
  file: string;
  /** Asked once the backup has proved to be good; `replaces` says whether there is anything to lose. */
  confirm(contents: BackupContents, replaces: boolean): Promise<boolean>;
  signal: AbortSignal;
  clock: Clock;
  logger: Logger;
}

export interface RestoreReport extends BackupContents {
  /** Where what was there before is kept; null when there was nothing. */
  replaced: string | null;
  /** Tokens that were revoked since the backup and stay so. */
  tokens_revoked: number;
}

/**
 * Restores a backup into a data folder that nobody uses. Undefined when `confirm` says no.
 *
 * @throws DataFolderInUseError, DataFolderNotWritableError, BackupUnreadableError, ClusterVersionError,
 *   DatabaseTooNewError, SqliteFileError
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport | undefined> {
  const { data_dir, file, signal, clock } = options;
  const lock = DataFolderLock.acquire(data_dir);
  const staging = join(data_dir, `${UNPACKING}${process.pid}`);
  try {
    finishRestore(data_dir);
    removeLeftovers(data_dir);
    const manifest = await readBackup(file, staging, signal);
    const contents = { ...manifest, ...(await checkContents(options, staging)) };
    signal.throwIfAborted();
    if (!(await options.confirm(contents, holdsData(data_dir)))) return undefined;
    const tokens_revoked = keepRevoked(options, staging);
    await syncTree(staging);
    decideForRestored(data_dir, staging, fileTime(clock.now()));
    return { ...contents, replaced: finishRestore(data_dir)[0] ?? null, tokens_revoked };
  } finally {
    rmSync(staging, { recursive: true, force: true });
    lock.release();
  }
}

/** What earlier processes left half unpacked. */
function removeLeftovers(data_dir: string): void {
  for (const name of readdirSync(data_dir)) {
    if (name.startsWith(UNPACKING)) rmSync(join(data_dir, name), { recursive: true, force: true });
  }
}

const holdsData = (data_dir: string): boolean => BACKUP_PARTS.some((part) => existsSync(join(data_dir, part)));

/** Opens every store of the backup. The checksum of the file is right by now, so this is about what was saved. */
async function checkContents(options: RestoreOptions, staging: string) {
  checkSqliteFile(options.file, join(staging, 'history.db'), sqliteMigrationsFolder);
  checkSqliteFile(options.file, join(staging, 'sessions.db'), sessionsMigrationsFolder);
  try {
    return await countMemories(join(staging, 'postgres'), options.logger);
  } catch (error) {
    if (!(error instanceof ClusterOpenError)) throw error;
    throw new BackupUnreadableError(options.file, `its database does not open: ${error.detail}`, { cause: error });
  }
}

function checkSqliteFile(file: string, path: string, migrations: string): void {
  if (!existsSync(path)) return;
  const found = withSqliteFaults(path, () => {
    const db = openSqliteFile(path, migrations);
    try {
      return db.pragma('quick_check', { simple: true });
    } finally {
      db.close();
    }
  });
  if (found !== 'ok') throw new BackupUnreadableError(file, `a file in it is damaged: ${found}`);
}

/** Both tables are read from beginning to end. */
async function countMemories(cluster_dir: string, logger: Logger) {
  const postgres = new EmbeddedPostgres({ cluster_dir, logger });
  await postgres.start();
  const database = new Database({ pool: { ...postgres.poolConfig, max: 1 }, logger, statement_timeout_ms: 0 });
  try {
    await migrate(database, readMigrations(migrationsFolder), { dry_run: true });
    const [counts] = await database.transaction((tx) =>
      tx.sql<{ working_memories: number; longterm_memories: number }>(
        `SELECT (SELECT count(*) FROM archon_working_memory WHERE deleted_at IS NULL) AS working_memories,
                (SELECT count(*) FROM archon_longterm_memory WHERE deleted_at IS NULL) AS longterm_memories`,
      ),
    );
    return counts ?? { working_memories: 0, longterm_memories: 0 };
  } finally {
    await database.close();
    await postgres.stop();
  }
}

/** A token that was revoked since the backup must not come back to life with it. */
function keepRevoked({ data_dir, clock, logger }: RestoreOptions, staging: string): number {
  const [current, restored] = [join(data_dir, 'history.db'), join(staging, 'history.db')];
  if (!existsSync(current) || !existsSync(restored)) return 0;
  const revoked = revokedTokens(current, clock, logger);
  const history = new HistoryStore(restored, sqliteMigrationsFolder, clock);
  try {
    const tokens = new ApiTokens(history.db, clock);
    return revoked.filter((token_id) => tokens.revoke(token_id)).length;
  } finally {
    history.close();
  }
}

function revokedTokens(file: string, clock: Clock, logger: Logger): string[] {
  try {
    const history = new HistoryStore(file, sqliteMigrationsFolder, clock);
    try {
      const list = new ApiTokens(history.db, clock).list();
      return list.filter(({ revoked_at }) => revoked_at !== null).map(({ token_id }) => token_id);
    } finally {
      history.close();
    }
  } catch (error) {
    // A damaged file may be why a backup is restored.
    logger.warn({ err: error }, 'history.db cannot be read: tokens revoked since the backup are valid again');
    return [];
  }
}
