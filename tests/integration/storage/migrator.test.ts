import { describe, expect, it } from 'vitest';
import { migrationsFolder } from '../../../src-main/app-files.ts';
import { Database } from '../../../src-main/storage/database.ts';
import {
  DatabaseTooNewError,
  MigrationChangedError,
  migrate,
  readMigrations,
} from '../../../src-main/storage/migrator.ts';
import { postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { databaseKinds, silentLogger } from '../../support/test-databases.ts';

const migrations = readMigrations(migrationsFolder);

describe.each(databaseKinds.filter(({ available }) => available))('migrations on $name', (kind) => {
  it('are told without being applied, then applied once', async () => {
    const { database, remove } = await kind.open({ migrated: false });
    const names = migrations.map(({ version, name }) => ({ version, name }));
    const target = migrations.length;
    expect(await migrate(database, migrations, { dry_run: true })).toEqual({
      current: 0,
      target,
      pending: names,
      applied: false,
    });
    expect(await migrate(database, migrations)).toMatchObject({ current: 0, pending: names, applied: true });
    expect(await migrate(database, migrations)).toEqual({ current: target, target, pending: [], applied: false });
    await remove();
  });

  it('are refused by an app older than the database, or with other contents', async () => {
    const { database, remove } = await kind.open();
    const next = { version: migrations.length + 1, name: 'next', sql: 'CREATE TABLE next ()', sha256: 'x' };
    await migrate(database, [...migrations, next]);
    await expect(migrate(database, migrations)).rejects.toThrow(DatabaseTooNewError);
    await expect(migrate(database, [...migrations, { ...next, sha256: 'y' }])).rejects.toThrow(MigrationChangedError);
    await remove();
  });

  it('leave nothing behind when one of them fails', async () => {
    const { database, remove } = await kind.open({ migrated: false });
    const broken = { version: migrations.length + 1, name: 'broken', sql: 'SELECT nonsense', sha256: 'x' };
    await expect(migrate(database, [...migrations, broken])).rejects.toThrow(/nonsense/);
    expect((await migrate(database, migrations, { dry_run: true })).current).toBe(0);
    await remove();
  });
});

describe.runIf(postgresAvailable)('migrations of several nodes', () => {
  it('are applied by one of those that start at once', async () => {
    const server = await startPostgres({ fsync: 'off' });
    const connectionString = await server.createDatabase('nodes');
    const nodes = Array.from(
      { length: 6 },
      () => new Database({ pool: { connectionString, max: 1 }, logger: silentLogger, statement_timeout_ms: 30_000 }),
    );
    const reports = await Promise.all(nodes.map((node) => migrate(node, migrations)));
    expect(reports.filter(({ applied }) => applied)).toHaveLength(1);
    await Promise.all(nodes.map((node) => node.close()));
    await server.remove();
  });

  it('work for an owner who is not superuser, twice on one server', async () => {
    const server = await startPostgres({ fsync: 'off' });
    for (const name of ['first', 'second']) {
      const admin = new Database({
        pool: { connectionString: await server.createDatabase(name), max: 1 },
        logger: silentLogger,
        statement_timeout_ms: 30_000,
      });
      await admin.transaction((tx) =>
        tx.sql(`DO $$ BEGIN CREATE ROLE owner LOGIN CREATEROLE; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
                ALTER DATABASE ${name} OWNER TO owner`),
      );
      await admin.close();
      const owner = new Database({
        pool: { connectionString: `postgres://owner@127.0.0.1:${server.port}/${name}`, max: 1 },
        logger: silentLogger,
        statement_timeout_ms: 30_000,
      });
      expect((await migrate(owner, migrations)).applied).toBe(true);
      await owner.close();
    }
    await server.remove();
  });
});
