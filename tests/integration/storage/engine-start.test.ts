/** How the engine opens a database: which it refuses, and how it is told to stop before it is up. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { describeFailure } from '../../../src-main/cli/exit-codes.ts';
import { Engine } from '../../../src-main/engine.ts';
import { type Config, defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { silentLogger } from '../../support/test-databases.ts';

const TOLD = new Error('told to stop');

let folder: string;
let data_dir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-engine-'));
  data_dir = join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true }));

const newEngine = (settings: Partial<Config> = {}, logger = silentLogger) =>
  new Engine({ config: { ...defaultConfig(data_dir), ...settings }, logger });

describe('a look at the migrations of the embedded database', () => {
  it('finds all of them pending when there is none yet, and makes nothing', async () => {
    const report = await newEngine().migrate({ dry_run: true });
    expect(report).toMatchObject({ current: 0, applied: false });
    expect(report.pending).toHaveLength(report.target);
    expect(existsSync(data_dir)).toBe(false);
  });
});

describe('a start that is told to stop', () => {
  it('stops while the embedded database is made, and the next one works', async () => {
    const stop = new AbortController();
    const starting = newEngine().start({ signal: stop.signal });
    stop.abort(TOLD);
    await expect(starting).rejects.toBe(TOLD);
    const engine = newEngine();
    await engine.start({ signal: new AbortController().signal });
    await engine.stop();
  });
});

describe.runIf(postgresAvailable)('a start on a database server', () => {
  let server: PostgresServer;
  let url: string;
  let proxy: TcpProxy | undefined;
  let databases = 0;
  beforeAll(async () => {
    server = await startPostgres({ fsync: 'off' });
  });
  afterAll(() => server.remove());
  beforeEach(async () => {
    databases += 1;
    url = await server.createDatabase(`engine_${databases}`);
  });
  afterEach(async () => {
    await proxy?.close();
    proxy = undefined;
  });

  async function openClient(): Promise<pg.Client> {
    const client = new pg.Client(url);
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  }

  const tablesOfArchon = async (client: pg.Client) =>
    (await client.query(`SELECT relname FROM pg_class WHERE relname LIKE 'archon%'`)).rows;

  async function throughProxy(options?: Parameters<typeof TcpProxy.to>[1]): Promise<string> {
    proxy = await TcpProxy.to(server.port, options);
    const proxied = new URL(url);
    proxied.port = String(proxy.port);
    return proxied.href;
  }

  it('stops while another node migrates, says that it waits, and leaves the data folder to the next', async () => {
    const other = await openClient();
    await other.query('BEGIN; SELECT pg_advisory_xact_lock(7270214001)');
    const stop = new AbortController();
    const warn = vi.fn((_: string) => stop.abort(TOLD));
    const logger = Object.assign(Object.create(silentLogger), { warn }) as typeof silentLogger;
    await expect(newEngine({ 'database.url': url }, logger).start({ signal: stop.signal })).rejects.toBe(TOLD);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('another node is migrating'));
    await other.query('ROLLBACK');
    const engine = newEngine({ 'database.url': url });
    await engine.start();
    await engine.stop();
  });

  it('stops while the server does not answer', async () => {
    const silent = await throughProxy();
    if (proxy) proxy.mode = 'silent';
    const stop = new AbortController();
    const starting = newEngine({ 'database.url': silent }).start({ signal: stop.signal });
    const stopped = expect(starting).rejects.toBe(TOLD);
    await vi.waitFor(() => expect(proxy?.accepted).toBe(1), { timeout: 10_000 });
    stop.abort(TOLD);
    await stopped;
  });

  it('stops in the middle of a migration that something holds up, and nothing of it stays', async () => {
    const other = await openClient();
    await other.query('BEGIN; CREATE TABLE archon_orgs ()');
    const stop = new AbortController();
    const starting = newEngine({ 'database.url': url }).start({ signal: stop.signal });
    const stopped = expect(starting).rejects.toBe(TOLD);
    const waiting = 'SELECT FROM pg_locks WHERE NOT granted';
    await vi.waitFor(async () => expect((await other.query(waiting)).rows).toHaveLength(1), { timeout: 10_000 });
    stop.abort(TOLD);
    await stopped;
    await other.query('ROLLBACK');
    expect(await tablesOfArchon(other)).toEqual([]);
  });

  it('refuses a server that is too old, as it refuses any configuration it cannot use', async () => {
    const old = await throughProxy({
      // The version as a text of the same length, in the start of the session and in answers.
      rewrite: (chunk) => Buffer.from(chunk.toString('latin1').replaceAll(/1[5-9](00\d\d)/g, '14$1'), 'latin1'),
    });
    const refusal: unknown = await newEngine({ 'database.url': old })
      .start()
      .catch((error: unknown) => error);
    expect(describeFailure(refusal)).toMatchObject({
      ending: 'usage',
      code: 'DATABASE_TOO_OLD',
      message: expect.stringContaining('15 or newer'),
      unexpected: false,
    });
    expect(await tablesOfArchon(await openClient())).toEqual([]);
  });
});
