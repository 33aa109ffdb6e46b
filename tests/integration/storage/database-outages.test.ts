/** The database behind a network, or on a server, that fails. */
import { Socket } from 'node:net';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Database } from '../../../src-main/storage/database.ts';
import { startEmbedded } from '../../support/embedded-cluster.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { silentLogger } from '../../support/test-databases.ts';

const SCOPE = { org_id: '00000000-0000-7000-8000-000000000001', actor: 'test' };
/** More levels of JSON than the stack of the embedded database's worker holds. */
const FATAL_QUERY = `SELECT '${'['.repeat(4_000_000)}'::jsonb`;
const PATIENCE = { timeout: 60_000, interval: 50 };

/** What a listener hears of notifications that are sent one after the other. */
async function notificationsHeard(database: Database, heard: ReturnType<typeof vi.fn>): Promise<unknown[]> {
  heard.mockClear();
  for (const payload of ['first', 'last']) {
    await database.transaction((tx) => tx.sql(`SELECT pg_notify('archon_test', $1)`, [payload]));
  }
  await vi.waitFor(() => expect(heard).toHaveBeenCalledWith('last'), PATIENCE);
  return heard.mock.calls.flat();
}

describe('a listener on the embedded database', () => {
  it('hears each notification once after two crashes of the worker, and leaves no session behind', async () => {
    const embedded = await startEmbedded();
    onTestFinished(() => embedded.close());
    const database = new Database({
      pool: { ...embedded.postgres.poolConfig, max: 2 },
      logger: silentLogger,
      statement_timeout_ms: 30_000,
    });
    const [heard, reconnected] = [vi.fn(), vi.fn()];
    await database.listen('archon_test', heard, reconnected);
    for (const crashes of [1, 2]) {
      const victim = await embedded.client();
      await expect(victim.query(FATAL_QUERY)).rejects.toMatchObject({ code: '57P02' });
      await vi.waitFor(() => expect(reconnected).toHaveBeenCalledTimes(crashes), PATIENCE);
    }
    expect(await notificationsHeard(database, heard)).toEqual(['first', 'last']);
    await database.close();
    await vi.waitFor(() => expect(embedded.postgres.stats().sessions).toBe(0), PATIENCE);
  });
});

describe.runIf(postgresAvailable)('a database server', () => {
  let server: PostgresServer;
  let proxy: TcpProxy;
  let sockets: Socket[];
  let databases = 0;
  beforeAll(async () => {
    server = await startPostgres({ fsync: 'off' });
  });
  afterAll(() => server.remove());
  beforeEach(async () => {
    proxy = await TcpProxy.to(server.port);
    sockets = [];
  });
  afterEach(() => proxy.close());

  /** A database behind the proxy; `sockets` are its connections. */
  async function openThroughProxy(pool: pg.PoolConfig = {}, statement_timeout_ms = 30_000): Promise<Database> {
    databases += 1;
    const url = new URL(await server.createDatabase(`outage_${databases}`));
    url.port = String(proxy.port);
    const stream = () => {
      const socket = new Socket();
      sockets.push(socket);
      return socket;
    };
    return new Database({
      pool: { connectionString: url.href, max: 2, stream, ...pool },
      logger: silentLogger,
      statement_timeout_ms,
    });
  }

  const stillOpen = () => sockets.filter((socket) => !socket.destroyed).length;

  it('that takes connections and ends them is asked by one listener at a time, which works again afterwards', async () => {
    const database = await openThroughProxy();
    const [heard, reconnected] = [vi.fn(), vi.fn()];
    await database.listen('archon_test', heard, reconnected);
    const before = proxy.accepted;
    proxy.mode = 'hang_up';
    proxy.hangUp();
    await vi.waitFor(() => expect(proxy.accepted).toBeGreaterThanOrEqual(before + 3), PATIENCE);
    proxy.mode = 'forward';
    await vi.waitFor(() => expect(reconnected).toHaveBeenCalledOnce(), PATIENCE);
    expect(await notificationsHeard(database, heard)).toEqual(['first', 'last']);
    const [listeners] = await database.transaction((tx) =>
      tx.sql<{ count: number }>(
        `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
      ),
    );
    expect(listeners?.count).toBe(1);
    await database.close();
    expect(stillOpen()).toBe(0);
  });

  it('that is gone does not keep a listener from closing, while it waits or while it connects', async () => {
    for (const mode of ['hang_up', 'silent'] as const) {
      const database = await openThroughProxy();
      await database.listen('archon_test', () => {});
      const before = proxy.accepted;
      proxy.mode = mode;
      proxy.hangUp();
      await vi.waitFor(() => expect(proxy.accepted).toBeGreaterThan(before), PATIENCE);
      await database.close();
      expect(stillOpen()).toBe(0);
      proxy.mode = 'forward';
    }
  });

  it('that never answers a first listener does not hold up the end', async () => {
    const database = await openThroughProxy();
    proxy.mode = 'silent';
    const listening = database.listen('archon_test', () => {});
    const refused = expect(listening).rejects.toThrow();
    await vi.waitFor(() => expect(proxy.accepted).toBe(1), PATIENCE);
    await database.close();
    expect(stillOpen()).toBe(0);
    await refused;
  });

  it('that falls silent is given up: every call says that it is away, and closing ends', async () => {
    const database = await openThroughProxy({ query_timeout: 1000, connectionTimeoutMillis: 1000 });
    await database.listen('archon_test', () => {});
    await Promise.all([database.ping(), database.ping()]);
    proxy.mode = 'silent';
    const calls = [
      () => database.transaction((tx) => tx.sql('SELECT 1')),
      () => database.ping(),
      () => database.withScope(SCOPE, (tx) => tx.sql('SELECT 1')),
      () => database.atOnce(SCOPE, [{ compile: () => ({ sql: 'SELECT 1', parameters: [] }) } as never]),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    await database.close({ grace_ms: 100 });
    expect(stillOpen()).toBe(0);
  });

  it('that is silent while a transaction runs does not hold up closing, whatever the transaction waits for', async () => {
    const database = await openThroughProxy();
    const [opened, never] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const stuck = database.transaction(async (tx) => {
      await tx.sql('SELECT 1');
      opened.resolve();
      await never.promise;
    });
    await opened.promise;
    const asking = database.transaction((tx) => tx.sql('SELECT pg_sleep(60)'));
    const refused = expect(asking).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    await vi.waitFor(() => expect(proxy.accepted).toBe(2), PATIENCE);
    proxy.mode = 'silent';
    await database.close({ grace_ms: 100 });
    expect(stillOpen()).toBe(0);
    await refused;
    never.resolve();
    await expect(stuck).rejects.toThrow();
  });

  it('lets running work finish before it is left', async () => {
    const database = await openThroughProxy();
    const [opened, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const work = database.transaction(async (tx) => {
      await tx.sql('SELECT 1');
      opened.resolve();
      await goOn.promise;
      return await tx.sql('SELECT 2 AS answer');
    });
    await opened.promise;
    const closing = database.close();
    goOn.resolve();
    expect(await work).toEqual([{ answer: 2 }]);
    await closing;
    await database.close();
    expect(stillOpen()).toBe(0);
  });

  it('is waited for as long as it takes in a transaction without a limit', async () => {
    const database = await openThroughProxy({ query_timeout: 1000 }, 500);
    const sleep = 'SELECT pg_sleep(1.5)';
    await expect(database.transaction((tx) => tx.sql(sleep))).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    await database.transaction((tx) => tx.sql(sleep), { unlimited: true });
    await database.close();
  });

  it('that became a standby is told as such, and its connections are left for the new primary', async () => {
    const database = await openThroughProxy({ max: 1 });
    const standby = (setting: string) =>
      database.transaction((tx) =>
        tx.sql(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I ${setting}', current_database()); END $$`),
      );
    const write = () => database.transaction((tx) => tx.sql('CREATE TABLE written ()'));
    await standby('SET default_transaction_read_only = on');
    // The setting counts for new connections.
    await expect(
      database.transaction((tx) => tx.sql('SELECT pg_terminate_backend(pg_backend_pid())')),
    ).rejects.toThrow();
    await expect(write()).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      message: expect.stringContaining('takes no writes'),
    });
    const admin = new Database({
      pool: { connectionString: `${server.url}/postgres`, max: 1 },
      logger: silentLogger,
      statement_timeout_ms: 30_000,
    });
    await admin.transaction((tx) => tx.sql(`ALTER DATABASE outage_${databases} RESET default_transaction_read_only`));
    await admin.close();
    await write();
    await database.close();
  });
});
