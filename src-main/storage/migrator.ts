/** Brings a database to the version of this app, safely with several nodes starting at once. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database, Transaction } from './database.ts';

/** Any two nodes ask for the same lock; the number only has to be ours. */
const MIGRATION_LOCK = 7_270_214_001;
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

/** Reads NNNN_name.sql files, in order, without a gap. */
export function readMigrations(folder: string): Migration[] {
  const migrations = readdirSync(folder)
    .map((file) => ({ file, match: FILE_NAME.exec(file) }))
    .filter(({ match }) => match !== null)
    .map(({ file, match }) => {
      const sql = readFileSync(join(folder, file), 'utf8');
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

/**
 * Applies what is pending, all in one transaction under an advisory lock: another node waits, then finds nothing to do.
 *
 * @throws DatabaseTooNewError, MigrationChangedError
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
  options: { dry_run?: boolean } = {},
): Promise<MigrationReport> {
  return await database.transaction(async (tx) => {
    // Large tables, and waiting for a node that migrates them, may take longer than an ordinary statement is given.
    await tx.sql('SET LOCAL statement_timeout = 0');
    await tx.sql(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    const applied = await appliedMigrations(tx);
    const current = applied.at(-1)?.version ?? 0;
    const target = migrations.at(-1)?.version ?? 0;
    if (current > target) throw new DatabaseTooNewError(current, target);
    for (const row of applied) {
      if (migrations[row.version - 1]?.sha256 !== row.sha256) throw new MigrationChangedError(row.version, row.name);
    }
    const pending = migrations.slice(current);
    if (!options.dry_run) await apply(tx, pending);
    return {
      current,
      target,
      pending: pending.map(({ version, name }) => ({ version, name })),
      applied: !options.dry_run && pending.length > 0,
    };
  });
}

/** The list of applied migrations is about the database, not about an organisation: the one table without org_id. */
async function appliedMigrations(tx: Transaction): Promise<{ version: number; name: string; sha256: string }[]> {
  const [table] = await tx.sql<{ found: boolean }>(`SELECT to_regclass('archon_migrations') IS NOT NULL AS found`);
  if (!table?.found) return [];
  return await tx.sql('SELECT version, name, sha256 FROM archon_migrations ORDER BY version');
}

async function apply(tx: Transaction, pending: readonly Migration[]): Promise<void> {
  if (pending.length === 0) return;
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
