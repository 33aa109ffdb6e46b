/** Running the embedded database for a long time: upkeep, snapshots, crashes, stopping. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DataFolderLock } from '../../../src-main/storage/data-folder-lock.ts';
import type { EmbeddedPostgres, EmbeddedPostgresState } from '../../../src-main/storage/embedded/embedded-postgres.ts';
import { type EmbeddedDatabase, startEmbedded, temporaryFolder } from '../../support/embedded-cluster.ts';

const MB = 1024 * 1024;
/** More levels of JSON than the stack of the worker holds: PGlite is lost over it, as over any fault of its own. */
const FATAL_QUERY = `SELECT '${'['.repeat(4_000_000)}'::jsonb`;

let folder: ReturnType<typeof temporaryFolder>;
const databases: EmbeddedDatabase[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(async () => {
  for (const database of databases.splice(0)) await database.close();
  folder.remove();
});

async function start(options: Parameters<typeof startEmbedded>[0] = {}): Promise<EmbeddedDatabase> {
  const database = await startEmbedded(options);
  databases.push(database);
  return database;
}

function reached(postgres: EmbeddedPostgres, state: EmbeddedPostgresState['state']): Promise<EmbeddedPostgresState> {
  return new Promise((resolve) => {
    const stop = postgres.onStateChange((next) => {
      if (next.state !== state) return;
      stop();
      resolve(next);
    });
  });
}

describe('upkeep', () => {
  it('keeps the log bounded while rows are rewritten for ever', async () => {
    const database = await start({ wal_limit_bytes: 16 * MB });
    await database.pool.query(
      `CREATE TABLE t AS SELECT g AS id, repeat(md5(g::text), 20) AS text FROM generate_series(1, 5000) g`,
    );
    let largest = 0;
    for (let round = 0; round < 20; round += 1) {
      await database.pool.query('UPDATE t SET text = repeat(md5(text), 20)');
      largest = Math.max(largest, database.postgres.stats().wal_bytes);
    }
    const { checkpoints, wal_bytes_written } = database.postgres.stats();
    expect(wal_bytes_written).toBeGreaterThan(100 * MB);
    expect(checkpoints).toBeGreaterThanOrEqual(3);
    expect(largest).toBeLessThanOrEqual(96 * MB);
  });

  it('never comes between the statements of a transaction', async () => {
    const database = await start({ wal_limit_bytes: 1 });
    const client = await database.client();
    await client.query('CREATE TABLE t (a int)');
    await client.query('BEGIN');
    const before = database.postgres.stats().checkpoints;
    for (let at = 0; at < 20; at += 1) await client.query('INSERT INTO t VALUES ($1)', [at]);
    expect(database.postgres.stats().checkpoints).toBe(before);
    await client.query('COMMIT');
    await database.postgres.checkpoint();
    expect(database.postgres.stats().checkpoints).toBeGreaterThan(before);
  });

  it('checkpoints on its own when something was written, and not otherwise', async () => {
    const database = await start({ checkpoint_interval_ms: 20 });
    const settled = async () => {
      // Several intervals; a query in between shows that the queue is alive.
      for (let at = 0; at < 10; at += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        await database.pool.query('SELECT 1');
      }
      return database.postgres.stats().checkpoints;
    };
    await database.pool.query('CREATE TABLE t (a int)');
    const after_writing = await settled();
    expect(after_writing).toBeGreaterThan(0);
    expect(await settled()).toBe(after_writing);
  });

  it('vacuums worn tables by itself', async () => {
    const database = await start({ vacuum_interval_ms: 50 });
    await database.pool.query(
      'CREATE TABLE "Odd name" AS SELECT g AS a FROM generate_series(1, 2000) g; DELETE FROM "Odd name" WHERE a > 100',
    );
    const worn = async () => {
      const { rows } = await database.pool.query(`SELECT n_dead_tup::int AS dead, last_vacuum IS NOT NULL AS vacuumed,
        (SELECT reltuples::int FROM pg_class WHERE oid = relid) AS estimate FROM pg_stat_user_tables`);
      return rows[0];
    };
    while (!(await worn()).vacuumed) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await worn()).toEqual({ dead: 0, vacuumed: true, estimate: 100 });
  });

  it('plans for tables as large as the process before left them', async () => {
    const cluster_dir = join(folder.path, 'postgres');
    const before = await startEmbedded({ cluster_dir });
    await before.pool.query('CREATE TABLE t AS SELECT g AS a FROM generate_series(1, 20000) g');
    const estimate = async (database: EmbeddedDatabase) =>
      (await database.pool.query(`SELECT reltuples::int FROM pg_class WHERE relname = 't'`)).rows[0].reltuples;
    expect(await estimate(before)).toBe(-1);
    await before.close();
    const database = await start({ cluster_dir });
    await expect.poll(() => estimate(database), { timeout: 60_000 }).toBe(20_000);
  });

  it('does not wait for its interval while very much is written', async () => {
    const database = await start();
    await database.pool.query('CREATE TABLE t (a text)');
    // A statement at a time, as an import does: upkeep comes between them.
    const write = () =>
      database.pool.query(`INSERT INTO t SELECT repeat(md5(g::text), 20) FROM generate_series(1, 5000) g`);
    for (let round = 0; round < 15; round += 1) await write();
    const vacuumed = async () =>
      (await database.pool.query(`SELECT last_vacuum IS NOT NULL AS yes FROM pg_stat_user_tables`)).rows[0].yes;
    await expect.poll(vacuumed, { timeout: 60_000 }).toBe(true);
  });
});

describe('a snapshot', () => {
  it('is complete while clients go on writing, and opens as a database of its own', async () => {
    const database = await start();
    await database.pool.query('CREATE EXTENSION vector; CREATE TABLE t (a int PRIMARY KEY, v vector(3))');
    await database.pool.query(`INSERT INTO t SELECT g, '[1,2,3]' FROM generate_series(1, 1000) g`);
    const cluster_dir = join(folder.path, 'copy');
    let writing = true;
    const writer = (async () => {
      for (let a = 2000; writing; a += 1) await database.pool.query(`INSERT INTO t VALUES ($1, '[0,0,0]')`, [a]);
    })();
    await database.postgres.snapshot(cluster_dir);
    writing = false;
    await writer;

    const copy = await start({ cluster_dir });
    const { rows } = await copy.pool.query(
      'SELECT count(*) FILTER (WHERE a <= 1000)::int AS kept, max(a) AS last, count(*)::int AS all FROM t',
    );
    expect(rows[0].kept).toBe(1000);
    expect(rows[0].all).toBe(1000 + Math.max(0, rows[0].last - 1999)); // Up to some commit, without a gap.
    await copy.pool.query(`INSERT INTO t VALUES (0, '[1,1,1]')`);
    await expect(database.postgres.snapshot(cluster_dir)).rejects.toThrow();
  });
});

describe('a crash of the worker', () => {
  it('is told to every client, and the database starts again by itself with all that was committed', async () => {
    const database = await start();
    const { postgres, pool } = database;
    await pool.query('CREATE TABLE t AS SELECT 1 AS a');
    const [victim, bystander, waiting] = [await database.client(), await database.client(), await database.client()];
    const bystander_lost = new Promise((resolve) => bystander.once('error', resolve));
    const failed = reached(postgres, 'failed');
    const running = reached(postgres, 'running');
    await victim.query('BEGIN'); // So that the other waits, whose query may otherwise come first.
    const crash = victim.query(FATAL_QUERY);
    const queued = waiting.query('SELECT 1');
    await expect(crash).rejects.toMatchObject({ code: '57P02' });
    await expect(queued).rejects.toMatchObject({ code: '57P02' });
    expect(await bystander_lost).toMatchObject({ code: '57P02' });
    expect(await failed).toMatchObject({ restarts_at: expect.stringMatching(/Z$/), error: expect.any(Error) });
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: '57P02' });
    await expect(postgres.checkpoint()).rejects.toMatchObject({ code: '57P02' });

    await running;
    expect((await pool.query('SELECT a FROM t')).rows).toEqual([{ a: 1 }]);
    expect(postgres.stats()).toMatchObject({ state: 'running', restarts: 1 });
  });

  it('over a statement that never ends comes when its time is up', async () => {
    const database = await start({ stuck_after_ms: 1_000 });
    const running = reached(database.postgres, 'running');
    const failed = reached(database.postgres, 'failed');
    await expect(database.pool.query('DO $$ BEGIN LOOP END LOOP; END $$')).rejects.toMatchObject({ code: '57P02' });
    expect(await failed).toMatchObject({ error: { message: expect.stringContaining('longer than 1000 ms') } });
    await running;
    expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
});

describe('a running database', () => {
  let database: EmbeddedDatabase;

  beforeAll(async () => {
    database = await startEmbedded({ stop_grace_ms: 300 });
  });

  afterAll(() => database.close());

  it('survives deep recursion, which is an error of the statement', async () => {
    const { pool, postgres } = database;
    await pool.query(
      'CREATE FUNCTION deeper(i int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN deeper(i + 1); END $$',
    );
    await expect(pool.query('SELECT deeper(1)')).rejects.toMatchObject({ code: '54001' });
    await expect(pool.query('SELECT $1::jsonb', ['['.repeat(200_000)])).rejects.toMatchObject({ code: '22P02' });
    expect(postgres.stats().restarts).toBe(0);
  });

  it('is not started twice', async () => {
    await expect(database.postgres.start()).rejects.toThrow(/already started/);
  });

  it('when stopped lets a statement that runs finish, and starts again for a connection that waits', async () => {
    const { pool, postgres } = database;
    const client = await database.client();
    await client.query('CREATE TABLE t (a int)');
    const last = client.query('INSERT INTO t SELECT generate_series(1, 20000)');
    await postgres.stop();
    expect((await last).rowCount).toBe(20_000);
    expect(postgres.state.state).toBe('stopped');
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: '57P01' });

    const starting = postgres.start();
    expect((await pool.query('SELECT count(*)::int AS n FROM t')).rows).toEqual([{ n: 20_000 }]);
    await starting;
  });

  it('when stopped does not wait for ever for a transaction that nobody ends, and rolls it back', async () => {
    const client = await database.client();
    await client.query('CREATE TABLE abandoned (a int)');
    await client.query('BEGIN; INSERT INTO abandoned VALUES (1)');
    const told = new Promise((resolve) => client.once('error', resolve));
    await database.postgres.stop();
    expect(await told).toMatchObject({ code: '57P01' });
    await database.postgres.start();
    expect((await database.pool.query('SELECT count(*)::int AS n FROM abandoned')).rows).toEqual([{ n: 0 }]);
  });

  it('may be stopped twice, also while it still starts, and frees its lock', async () => {
    const { postgres } = database;
    await postgres.stop();
    await postgres.stop();
    const starting = postgres.start();
    await postgres.stop();
    await starting;
    expect(postgres.state.state).toBe('stopped');
    DataFolderLock.acquire(`${database.cluster_dir}.lock`).release();
  });
});
