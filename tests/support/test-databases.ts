/** Every database the engine runs on, for suites that must pass on all of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { migrationsFolder } from '../../src-main/app-files.ts';
import { Organisations } from '../../src-main/identity/organisations.ts';
import type { Scope } from '../../src-main/identity/scope.ts';
import { Database } from '../../src-main/storage/database.ts';
import { EmbeddedPostgres } from '../../src-main/storage/embedded/embedded-postgres.ts';
import { migrate, readMigrations } from '../../src-main/storage/migrator.ts';
import { copyEmptyCluster } from './embedded-cluster.ts';
import { postgresAvailable, startPostgres } from './postgres-server.ts';
import { copyTemplate } from './template-folder.ts';

export const silentLogger = pino({ level: 'silent' });

export interface TestDatabase {
  database: Database;
  /** How to reach it past the engine, as the superuser. */
  pool: pg.PoolConfig;
  /** A new organisation, known to the database. */
  newScope(): Promise<Scope>;
  remove(): Promise<void>;
}

export interface DatabaseKind {
  name: 'embedded' | 'PostgreSQL';
  available: boolean;
  /** An empty database, migrated unless asked otherwise; `durable` where the cost of safe writes is to be measured. */
  open(options?: { migrated?: boolean; durable?: boolean }): Promise<TestDatabase>;
}

async function prepare(
  database: Database,
  pool: pg.PoolConfig,
  migrated: boolean,
  removeRest: () => Promise<void>,
): Promise<TestDatabase> {
  if (migrated) await migrate(database, readMigrations(migrationsFolder));
  const organisations = new Organisations(database);
  return {
    database,
    pool,
    newScope: async () => {
      const scope = { org_id: uuidv7(), actor: 'test' };
      await organisations.ensure(scope);
      return scope;
    },
    remove: async () => {
      await database.close();
      await removeRest();
    },
  };
}

async function openEmbedded(migrated: boolean): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'archon-embedded-'));
  const cluster_dir = join(folder, 'postgres');
  if (migrated) copyTemplate(folder);
  else await copyEmptyCluster(cluster_dir);
  const embedded = new EmbeddedPostgres({ cluster_dir, logger: silentLogger });
  await embedded.start();
  const pool = { ...embedded.poolConfig, max: 4 };
  const database = new Database({ pool, logger: silentLogger, statement_timeout_ms: 30_000 });
  return await prepare(database, pool, migrated, async () => {
    await embedded.stop();
    rmSync(folder, { recursive: true, force: true });
  });
}

async function openServer(migrated: boolean, durable: boolean): Promise<TestDatabase> {
  const server = await startPostgres(durable ? {} : { fsync: 'off' });
  const pool = { connectionString: await server.createDatabase('archon'), max: 8 };
  const database = new Database({ pool, logger: silentLogger, statement_timeout_ms: 30_000 });
  return await prepare(database, pool, migrated, () => server.remove());
}

export const databaseKinds: readonly DatabaseKind[] = [
  { name: 'embedded', available: true, open: ({ migrated = true } = {}) => openEmbedded(migrated) },
  {
    name: 'PostgreSQL',
    available: postgresAvailable,
    open: ({ migrated = true, durable = false } = {}) => openServer(migrated, durable),
  },
];
