/** Brings a database to the version of this app, safely with several nodes starting at once. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Database, Transaction } from './database.ts';
import { readRights } from './database-rights.ts';

/** Any two nodes ask for the same lock; the number only has to be ours. */
const MIGRATION_LOCK = 7_270_214_001;
/** Milliseconds between looks whether another node has finished. */
const LOCK_RETRY_MS = 500;
const FILE_NAME = /^(\d{4})_([a-z0-9_]+)\.sql$/;

export interface Migration {
  version: number;
  name: string;
  sql: string;
  sha256: string;
}

export interface MigrationReport {
  /** Version found before. */
  current: number;
  /** Version this app needs. */
  target: number;
  pending: { version: number; name: string }[];
  /** False for a dry run, and when nothing was pending. */
  applied: boolean;
}

/** The database was written by a newer app. */
export class DatabaseTooNewError extends Error {
  override readonly name = 'DatabaseTooNewError';
  constructor(found: number, known: number) {
    super(
      `The database is at version ${found}, this app knows versions up to ${known}. Update the app; an older one would damage the data.`,
    );
  }
}

/** A migration that was applied is not the one this app carries. */
export class MigrationChangedError extends Error {
  override readonly name = 'MigrationChangedError';
  constructor(version: number, name: string) {
    super(
      `Migration ${version} (${name}) was applied to this database with other contents. This build does not fit the database; use the build that created it.`,
    );
  }
}

/** The login lacks rights that only an administrator can give. */
export class DatabaseRightsError extends Error {
  override readonly name = 'DatabaseRightsError';
  constructor(login: string, database: string, missing: readonly string[]) {
    super(
      `The login ${login} may not bring the database ${database} up to date. Have an administrator run there, once:\n${missing.join('\n')}`,
    );
  }
}

/** Reads NNNN_name.sql files, in order, without a gap. */
export function readMigrations(folder: string): Migration[] {
  const migrations = readdirSync(folder)
    .map((file) => ({ file, match: FILE_NAME.exec(file) }))
    .filter(({ match }) => match !== null)
    .map(({ file, match }) => {
      // A checkout on Windows may have other line endings; it is the same migration, with the same checksum.
      const sql = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n');
      return {
        version: Number(match?.[1]),
        name: match?.[2] ?? '',
        sql,
        sha256: createHash('sha256').update(sql).digest('hex'),
      };
    })
    .sort((a, b) => a.version - b.version);
  for (const [index, migration] of migrations.entries()) {
    if (migration.version !== index + 1) throw new Error(`migration ${index + 1} is missing in ${folder}`);
  }
  return migrations;
}

export interface MigrateOptions {
  /** Only say what is pending. */
  dry_run?: boolean;
  /** Ends the wait for another node; what runs is ended by closing the database. */
  signal?: AbortSignal | undefined;
  /** Called once, when another node is found at it. */
  onWait?: () => void;
}

/**
 * Applies what is pending, all in one transaction under an advisory lock: another node waits, then finds nothing to do.
 * It asks for the lock again and again rather than wait inside the server, where nobody could tell it to stop.
 *
 * @throws DatabaseTooNewError, MigrationChangedError, DatabaseRightsError, an AbortError when the signal ended the wait
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
  options: MigrateOptions = {},
): Promise<MigrationReport> {
  if (options.dry_run) {
    return await database.transaction(async (tx) => report(await appliedMigrations(tx), migrations));
  }
  for (let tries = 0; ; tries += 1) {
    const done = await database.transaction((tx) => migrateIfFree(tx, migrations), { unlimited: true });
    if (done) return done;
    if (tries === 0) options.onWait?.();
    await wait(LOCK_RETRY_MS, undefined, { signal: options.signal });
  }
}

/** What is to be done on a database that is not there yet. */
export function allPending(migrations: readonly Migration[]): MigrationReport {
  return report([], migrations);
}

/** Undefined while another node has the lock. */
async function migrateIfFree(tx: Transaction, migrations: readonly Migration[]): Promise<MigrationReport | undefined> {
  const [lock] = await tx.sql<{ taken: boolean }>(`SELECT pg_try_advisory_xact_lock(${MIGRATION_LOCK}) AS taken`);
  if (!lock?.taken) return undefined;
  const found = report(await appliedMigrations(tx), migrations);
  if (found.pending.length === 0) return found;
  await requireRights(tx);
  await apply(tx, migrations.slice(found.current));
  return { ...found, applied: true };
}

async function requireRights(tx: Transaction): Promise<void> {
  const { login, database, missing } = await readRights((sql) => tx.sql(sql));
  if (missing.length > 0) throw new DatabaseRightsError(login, database, missing);
}

interface AppliedMigration {
  version: number;
  name: string;
  sha256: string;
}

/** @throws DatabaseTooNewError, MigrationChangedError */
function report(applied: readonly AppliedMigration[], migrations: readonly Migration[]): MigrationReport {
  const current = applied.at(-1)?.version ?? 0;
  const target = migrations.at(-1)?.version ?? 0;
  if (current > target) throw new DatabaseTooNewError(current, target);
  for (const row of applied) {
    if (migrations[row.version - 1]?.sha256 !== row.sha256) throw new MigrationChangedError(row.version, row.name);
  }
  const pending = migrations.slice(current).map(({ version, name }) => ({ version, name }));
  return { current, target, pending, applied: false };
}

/** The list of applied migrations is about the database, not about an organisation: the one table without org_id. */
async function appliedMigrations(tx: Transaction): Promise<AppliedMigration[]> {
  const [table] = await tx.sql<{ found: boolean }>(`SELECT to_regclass('archon_migrations') IS NOT NULL AS found`);
  if (!table?.found) return [];
  return await tx.sql('SELECT version, name, sha256 FROM archon_migrations ORDER BY version');
}

async function apply(tx: Transaction, pending: readonly Migration[]): Promise<void> {
  await tx.sql(
    `CREATE TABLE IF NOT EXISTS archon_migrations (
       version    integer PRIMARY KEY,
       name       text NOT NULL,
       sha256     text NOT NULL,
       applied_at timestamptz(3) NOT NULL DEFAULT now()
     )`,
  );
  for (const { version, name, sql, sha256 } of pending) {
    await tx.sql(sql);
    await tx.sql('INSERT INTO archon_migrations (version, name, sha256) VALUES ($1, $2, $3)', [version, name, sha256]);
  }
}
