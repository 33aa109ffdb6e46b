/** Which migrations a start may apply, and what is said when it may not. */
import type { Logger } from 'pino';
import type { MigrationPreview } from '../src-contract/index.ts';
import { migrationsFolder } from './app-files.ts';
import { ArchonError } from './errors.ts';
import type { Database } from './storage/database.ts';
import { type MigrationReport, migrate, readMigrations } from './storage/migrator.ts';

/**
 * `apply`: whatever is pending. `confirmed`: up to the version that a person has seen and wanted, undefined for none.
 */
export type MigrationPolicy = 'apply' | { confirmed: number | undefined; read_only: boolean };

/** What was found, with the SQL of what is pending. */
export function previewOf({ current, target, pending }: MigrationReport): MigrationPreview {
  const sql = new Map(readMigrations(migrationsFolder).map((migration) => [migration.version, migration.sql]));
  return { current, target, pending: pending.map((one) => ({ ...one, sql: sql.get(one.version) ?? '' })) };
}

/** Of a database that is open here: it was brought up to date then. */
export function upToDate(): MigrationPreview {
  const target = readMigrations(migrationsFolder).length;
  return { current: target, target, pending: [] };
}

/** @throws ArchonError MIGRATIONS_PENDING with the preview; CONFLICT for a database that may only be read */
export async function migrateWithin(
  database: Database,
  policy: MigrationPolicy,
  { logger, signal }: { logger: Logger; signal: AbortSignal | undefined },
): Promise<void> {
  signal?.throwIfAborted();
  const migrations = readMigrations(migrationsFolder);
  if (policy !== 'apply') {
    const found = await migrate(database, migrations, { dry_run: true });
    if (found.pending.length === 0) return;
    refuseUnconfirmed(found, policy);
  }
  const onWait = () => logger.warn('another node is migrating the database; waiting until it is done');
  await migrate(database, migrations, { onWait, ...(signal === undefined ? {} : { signal }) });
}

function refuseUnconfirmed(found: MigrationReport, policy: Exclude<MigrationPolicy, 'apply'>): void {
  const versions = `The database is at version ${found.current}, this app needs ${found.target}`;
  if (policy.read_only) {
    throw new ArchonError(
      'CONFLICT',
      `${versions}, and the profile is for reading only: open it once without "read-only" to bring the database up to date.`,
    );
  }
  if (policy.confirmed === found.target) return;
  throw new ArchonError(
    'MIGRATIONS_PENDING',
    `${versions}: ${found.pending.length} migrations are pending. Look at them and confirm, or let another do it.`,
    { data: previewOf(found) },
  );
}
