/** What a PostgreSQL server says of itself: for the test of a connection and for the doctor. */
import type pg from 'pg';
import { migrationsFolder } from '../app-files.ts';
import { type DatabaseRights, readRights } from '../storage/database-rights.ts';
import { readMigrations } from '../storage/migrator.ts';

type Client = Pick<pg.Client, 'query'>;

export async function readVersion(client: Client): Promise<{ version: string; number: number }> {
  const { rows } = await client.query<{ version: string; number: number }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number`,
  );
  return rows[0] ?? { version: 'unknown', number: 0 };
}

/** The version of the database and the one that this app needs. */
export async function readMigrationState(client: Client): Promise<{ current: number; target: number }> {
  const target = readMigrations(migrationsFolder).length;
  const { rows: tables } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('archon_migrations') IS NOT NULL AS found`,
  );
  if (!tables[0]?.found) return { current: 0, target };
  const { rows } = await client.query<{ version: number }>(
    'SELECT coalesce(max(version), 0) AS version FROM archon_migrations',
  );
  return { current: rows[0]?.version ?? 0, target };
}

export async function readDatabaseRights(client: Client): Promise<DatabaseRights> {
  return await readRights(async <Row>(sql: string) => (await client.query(sql)).rows as Row[]);
}

/** Whether the server takes writes: a standby does not, nor does a login that was told to read only. */
export async function readWritability(client: Client): Promise<{ standby: boolean; read_only: boolean }> {
  const { rows } = await client.query<{ standby: boolean; read_only: boolean }>(
    `SELECT pg_is_in_recovery() AS standby, current_setting('default_transaction_read_only')::bool AS read_only`,
  );
  return rows[0] ?? { standby: false, read_only: false };
}

/** Extensions that can be made use of; undefined for those the server does not have. */
export async function readExtensions(client: Client): Promise<Record<'vector' | 'pg_trgm', string | undefined>> {
  const { rows } = await client.query<{ name: string; version: string }>(
    `SELECT name, default_version AS version FROM pg_available_extensions WHERE name IN ('vector', 'pg_trgm')`,
  );
  const versions = new Map(rows.map(({ name, version }) => [name, version]));
  return { vector: versions.get('vector'), pg_trgm: versions.get('pg_trgm') };
}
