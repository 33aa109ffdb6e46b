/** What the database tells of how it is used, on both databases. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrationsFolder } from '../../../src-main/app-files.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { databaseInsight } from '../../../src-main/ops-agent/monitors/database-insight.ts';
import { readTables } from '../../../src-main/ops-agent/monitors/database-tables.ts';
import type { Told } from '../../../src-main/ops-agent/monitors/login-questions.ts';
import { explain } from '../../../src-main/ops-agent/monitors/query-plan.ts';
import { Database } from '../../../src-main/storage/database.ts';
import { migrate, readMigrations } from '../../../src-main/storage/migrator.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { TestClock } from '../../support/test-clock.ts';
import { databaseKinds, silentLogger, type TestDatabase } from '../../support/test-databases.ts';

const items = <T>(answer: Told<T>): readonly T[] => {
  if (!answer.told) throw new Error(answer.reason);
  return answer.items;
};

/** A table of ours as far as its name goes, with an index that nobody uses and one that keeps rows unique. */
const FILL = `
  CREATE TABLE archon_test_shelf (id bigint PRIMARY KEY, note text);
  INSERT INTO archon_test_shelf SELECT n, repeat('x', 100) FROM generate_series(1, 20000) AS n;
  CREATE INDEX archon_test_shelf_note ON archon_test_shelf (note, id);
  CREATE TABLE somebody_elses AS SELECT n FROM generate_series(1, 30000) AS n;`;

for (const kind of databaseKinds) {
  describe.runIf(kind.available)(`insight into the ${kind.name} database`, () => {
    let test: TestDatabase;
    beforeAll(async () => {
      test = await kind.open();
      await test.database.statement(FILL);
    });
    afterAll(() => test?.remove());

    const insight = () => databaseInsight(test.database, new TestClock('2026-03-01T00:00:00.000Z'));

    it('tells of tables of which the planner knows nothing, until they are analysed', async () => {
      const before = await insight();
      expect(before.at).toBe('2026-03-01T00:00:00.000Z');
      expect(items(before.unanalyzed_tables).map(({ table }) => table)).toContain('archon_test_shelf');
      await test.database.statement('ANALYZE archon_test_shelf');
      expect(items((await insight()).unanalyzed_tables).map(({ table }) => table)).not.toContain('archon_test_shelf');
    });

    it('tells of large tables of ours that are read from end to end, and of no others', async () => {
      for (let i = 0; i < 3; i += 1) {
        await test.database.statement('SELECT count(*) FROM archon_test_shelf WHERE note LIKE $1', ['%y%']);
        await test.database.statement('SELECT count(*) FROM somebody_elses');
      }
      await expect
        .poll(async () => items((await insight()).sequential_tables), { timeout: 20_000 })
        .toEqual([
          expect.objectContaining({
            table: 'archon_test_shelf',
            rows: expect.toSatisfy((rows: number) => rows >= 20_000),
            sequential_scans: expect.toSatisfy((scans: number) => scans >= 3),
            rows_read_sequentially: expect.toSatisfy((rows: number) => rows >= 60_000),
          }),
        ]);
    });

    it('tells of indexes that nothing uses, but for those that keep something unique', async () => {
      const [unused, ...others] = items((await insight()).unused_indexes);
      expect(others).toEqual([]);
      expect(unused).toMatchObject({ index: 'archon_test_shelf_note', table: 'archon_test_shelf' });
      expect(unused?.definition).toMatch(/^CREATE INDEX archon_test_shelf_note ON .*archon_test_shelf USING btree/);
      expect(unused?.bytes).toBeGreaterThan(1024 ** 2);
    });

    it('tells of tables with many dead rows', async () => {
      await test.database.statement('ALTER TABLE archon_test_shelf SET (autovacuum_enabled = off)');
      await test.database.statement('DELETE FROM archon_test_shelf WHERE id % 2 = 0');
      await expect
        .poll(async () => items((await insight()).bloated_tables).map(({ table, dead_rows }) => [table, dead_rows]), {
          timeout: 20_000,
        })
        .toEqual([['archon_test_shelf', 10_000]]);
    });

    it('tells how often the cache had what was asked for', async () => {
      const [cache] = items((await insight()).cache);
      expect(cache?.hit_percent).toBeGreaterThan(0);
      expect(cache?.hit_percent).toBeLessThanOrEqual(100);
      expect(cache?.shared_buffers_bytes).toBeGreaterThan(0);
    });

    it('says why it tells nothing of slow statements where they are not counted', async () => {
      expect((await insight()).slow_statements).toEqual({
        told: false,
        reason: 'the extension pg_stat_statements is not in the database',
      });
    });
  });
}

describe.runIf(postgresAvailable)('slow statements', () => {
  let server: PostgresServer;
  let url: string;
  let database: Database;
  beforeAll(async () => {
    server = await startPostgres({ fsync: 'off', shared_preload_libraries: 'pg_stat_statements' });
    url = await server.createDatabase('archon');
    database = open(url);
    await migrate(database, readMigrations(migrationsFolder));
    await database.statement('CREATE EXTENSION pg_stat_statements');
    await database.statement(`
      CREATE TABLE archon_test_shelf (id bigint, note text);
      INSERT INTO archon_test_shelf SELECT n, 'note ' || n FROM generate_series(1, 20000) AS n;
      GRANT SELECT ON archon_test_shelf TO archon_app;
      CREATE ROLE ana LOGIN; GRANT archon_app TO ana`);
  });
  afterAll(async () => {
    await database?.close();
    await server?.remove();
  });

  const open = (connectionString: string) =>
    new Database({ pool: { connectionString, max: 4 }, logger: silentLogger, statement_timeout_ms: 30_000 });
  const SLOW = `SELECT count(*), max(pg_sleep(0.06)::text) FROM (SELECT FROM archon_test_shelf WHERE note = $1) AS found`;
  const makeSlow = async (by: Database) => {
    for (let i = 1; i <= 6; i += 1) {
      await by.withScope({ org_id: LOCAL_ORG_ID, actor: 'test' }, (tx) => tx.sql(SLOW, [`note ${i}`]));
    }
  };

  it('are told without their values, with their plan, also to a login that sees only its own', async () => {
    const ana = open(url.replace('postgres@', 'ana@'));
    await makeSlow(ana);
    for (const by of [database, ana]) {
      const { slow_statements } = await databaseInsight(by, new TestClock());
      const [found, ...others] = items(slow_statements);
      expect(others).toEqual([]);
      expect(found).toMatchObject({ statement: SLOW.replace('0.06', '$2'), calls: 6, rows: 1 });
      const { version_number } = await by.ping();
      if (version_number < 160_000) expect(found?.plan).toBeNull();
      else expect(found?.plan?.sequential).toMatchObject([{ table: 'archon_test_shelf' }]);
      expect(JSON.stringify(found)).not.toContain('note 3');
    }
    await ana.close();
  });

  it('are explained without being run, and only where that is safe', async () => {
    expect(await explain(database, 'DELETE FROM archon_test_shelf', 'archon_app')).toBeNull();
    expect(await explain(database, 'SELECT 1; DROP TABLE archon_test_shelf', 'archon_app')).toBeNull();
    expect(await explain(database, 'SELECT * FROM no_such_table', 'archon_app')).toBeNull();
    const writes = 'WITH gone AS (DELETE FROM archon_test_shelf RETURNING id) SELECT count(*) FROM gone';
    await explain(database, writes, 'postgres');
    expect(
      (await database.statement<{ rows: number }>('SELECT count(*) AS rows FROM archon_test_shelf'))[0]?.rows,
    ).toBe(20_000);
  });

  it('of a server that does not load the extension are not told, with the reason', async () => {
    const other = await startPostgres({ fsync: 'off' });
    const without = open(await other.createDatabase('archon'));
    await migrate(without, readMigrations(migrationsFolder));
    await without.statement('CREATE EXTENSION pg_stat_statements');
    expect((await databaseInsight(without, new TestClock())).slow_statements).toEqual({
      told: false,
      reason: 'it is not loaded on the server (shared_preload_libraries)',
    });
    await without.close();
    await other.remove();
  });

  it('are nothing to wait for: a database that is away is told as such', async () => {
    const gone = open('postgres://postgres@127.0.0.1:1/archon');
    await expect(readTables(gone, { least_rows: 0, least_bytes: 0 })).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
    await gone.close();
  });
});
