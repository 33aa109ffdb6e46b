/** What a look at a connection finds on real servers: one PostgreSQL whose certificate is changed, a PgBouncer, Redis. */
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionStep, ConnectionStepName } from '../../../src-contract/index.ts';
import { migrationsFolder } from '../../../src-main/app-files.ts';
import {
  type ConnectionSettings,
  type DatabaseSettings,
  NO_TLS,
  type RedisServerSettings,
} from '../../../src-main/connections/connection-settings.ts';
import { testConnection } from '../../../src-main/connections/connection-test.ts';
import { parseRedisUrl } from '../../../src-main/connections/redis-url.ts';
import { Database } from '../../../src-main/storage/database.ts';
import { migrate, readMigrations } from '../../../src-main/storage/migrator.ts';
import { type Certificates, makeCertificates, opensslAvailable, type Pair } from '../../support/certificates.ts';
import { pgbouncerAvailable, startPgBouncer } from '../../support/pgbouncer.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { redisAvailable, startRedis } from '../../support/redis-server.ts';

const NOBODY = 65_534;
const HBA = `host    all all    127.0.0.1/32 reject
`;
const RULES = `hostssl archon certified 127.0.0.1/32 cert
hostssl archon other     127.0.0.1/32 cert
hostssl archon secure    127.0.0.1/32 scram-sha-256
host    archon refused   127.0.0.1/32 reject
host    all    ana       127.0.0.1/32 scram-sha-256
host    all    reader    127.0.0.1/32 trust
host    all    postgres  127.0.0.1/32 trust
${HBA}`;

type Found = Map<ConnectionStepName, ConnectionStep>;

/** Every step that was not left out, after it was told as running. */
async function look(settings: ConnectionSettings, options: { read_only?: boolean; limit_ms?: number } = {}) {
  const found: Found = new Map();
  const running = new Set<string>();
  for await (const step of testConnection(settings, { read_only: false, ...options })) {
    if (step.state === 'running') running.add(step.step);
    else {
      if (step.state !== 'skipped') expect(running).toContain(step.step);
      found.set(step.step, step);
    }
  }
  return found;
}

const failedAt = (found: Found): ConnectionStep | undefined =>
  [...found.values()].find(({ state }) => state === 'failed');
const told = (step: ConnectionStep | undefined): string => `${step?.step}: ${step?.detail} ${step?.advice}`;

describe.skipIf(!postgresAvailable || !opensslAvailable)('a look at PostgreSQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'archon-tls-'));
  let certificates: Certificates;
  let postgres: PostgresServer;
  let admin: pg.Client;
  beforeAll(async () => {
    certificates = makeCertificates();
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(folder, NOBODY, NOBODY);
    writeFile('hba.conf', RULES);
    postgres = await startPostgres({ fsync: 'off', hba_file: join(folder, 'hba.conf') });
    const url = await postgres.createDatabase('archon');
    admin = new pg.Client(url);
    await admin.connect();
    const database = new Database({
      pool: { connectionString: url, max: 1 },
      logger: pino({ level: 'silent' }),
      statement_timeout_ms: 0,
    });
    await migrate(database, readMigrations(migrationsFolder));
    await database.close();
    await admin.query(`CREATE ROLE ana LOGIN SUPERUSER PASSWORD 'pw'; CREATE ROLE secure LOGIN SUPERUSER PASSWORD 'pw';
      CREATE ROLE certified LOGIN; CREATE ROLE other LOGIN; CREATE ROLE refused LOGIN; CREATE ROLE reader LOGIN; CREATE ROLE sleeper NOLOGIN`);
    writeFile('ca.pem', certificates.ca);
    for (const [name, file] of [
      ['ssl_ca_file', 'ca.pem'],
      ['ssl_cert_file', 'cert.pem'],
      ['ssl_key_file', 'key.pem'],
    ]) {
      await admin.query(`ALTER SYSTEM SET ${name} = '${join(folder, `${file}`)}'`);
    }
  });
  afterAll(async () => {
    await admin?.end();
    await postgres?.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  function writeFile(name: string, text: string): void {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    if (process.getuid?.() === 0) chownSync(join(folder, name), NOBODY, NOBODY);
  }
  async function serve(pair: Pair | undefined): Promise<void> {
    if (pair) {
      writeFile('cert.pem', pair.cert);
      writeFile('key.pem', pair.key);
    }
    // A reload is done a moment later.
    const before = await loadedAt();
    await admin.query(`ALTER SYSTEM SET ssl = '${pair ? 'on' : 'off'}'`);
    await admin.query('SELECT pg_reload_conf()');
    await expect.poll(loadedAt).not.toBe(before);
  }
  const loadedAt = async () => (await admin.query('SELECT pg_conf_load_time()::text AS at')).rows[0].at;
  const settings = (change: Partial<DatabaseSettings> = {}): ConnectionSettings => ({
    database: {
      host: 'localhost',
      port: postgres.port,
      database: 'archon',
      user: 'ana',
      password: 'pw',
      tls: NO_TLS,
      pool_size: 2,
      ...change,
    },
    redis: null,
  });
  const tls = (mode: 'require' | 'verify-ca' | 'verify-full', change: Partial<DatabaseSettings['tls']> = {}) => ({
    tls: { ...NO_TLS, mode, ca_pem: certificates.ca, ...change },
  });

  it('goes from the name to the latency', async () => {
    const found = await look(settings());
    expect(failedAt(found)).toBeUndefined();
    expect([...found.keys()]).toEqual([
      'dns',
      'tcp',
      'tls',
      'login',
      'version',
      'pooler',
      'rights',
      'extensions',
      'migrations',
      'latency',
    ]);
    expect(found.get('tls')).toMatchObject({ state: 'skipped' });
    expect(found.get('version')?.detail).toMatch(/^PostgreSQL \d/);
    expect(found.get('pooler')).toMatchObject({ state: 'ok', detail: 'none stands between' });
    expect(found.get('migrations')).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(/^version (\d+) of \1$/),
    });
  });

  it('recognises certificates', async () => {
    await serve(undefined);
    expect(told(failedAt(await look(settings(tls('require')))))).toMatch(/^tls: The server offers no TLS\./);
    await serve(certificates.good);
    expect((await look(settings(tls('verify-full')))).get('tls')).toMatchObject({
      state: 'ok',
      detail: expect.stringContaining('certificate of localhost until 2040-01-01'),
    });
    expect(failedAt(await look(settings(tls('verify-full'))))).toBeUndefined();
    const { other_ca } = certificates;
    expect(told(failedAt(await look(settings(tls('verify-full', { ca_pem: other_ca })))))).toMatch(
      /^tls: .*authority that is not known here\. Give the certificate/,
    );
    expect(told(failedAt(await look(settings(tls('verify-full', { ca_pem: null })))))).toMatch(
      /^tls: .*authority that is not known here\./,
    );
    expect((await look(settings(tls('require', { ca_pem: null })))).get('tls')).toMatchObject({ state: 'warning' });
    await serve(certificates.expired);
    expect(told(failedAt(await look(settings(tls('verify-full')))))).toMatch(/^tls: .*has expired\. Have it renewed/);
    await serve(certificates.self_signed);
    expect(told(failedAt(await look(settings(tls('verify-full')))))).toMatch(/^tls: .*signed its certificate itself\./);
    await serve(certificates.wrong_name);
    expect(told(failedAt(await look(settings(tls('verify-full')))))).toMatch(/^tls: .*for another name than the host/);
    expect(failedAt(await look(settings(tls('verify-ca'))))).toBeUndefined();
  });

  it('recognises who is not let in, and why', async () => {
    await serve(certificates.good);
    const refused = async (change: Partial<DatabaseSettings>) => told(failedAt(await look(settings(change))));
    expect(await refused({ password: 'wrong' })).toMatch(/^login: The server refuses the password\./);
    expect(await refused({ password: null })).toMatch(/^login: The server asks for a password\./);
    expect(await refused({ database: 'nowhere' })).toMatch(/^login: There is no such database/);
    expect(await refused({ user: 'refused' })).toMatch(/^login: The server lets nobody in like that: .*pg_hba/);
    expect(await refused({ user: 'secure' })).toMatch(/^login: .*It may want TLS/);
    expect(await refused({ user: 'certified', ...tls('verify-full') })).toMatch(/^login: .*wants a client certificate/);
    const { cert, key } = certificates.client;
    expect(await refused({ user: 'certified', ...tls('verify-full', { cert_pem: cert, key_pem: key }) })).toMatch(
      /^rights: /,
    );
    expect(await refused({ user: 'other', ...tls('verify-full', { cert_pem: cert, key_pem: key }) })).toMatch(
      /^login: The client certificate does not let this user in\./,
    );
    expect(await refused({ user: 'secure', ...tls('require') })).toBe('undefined: undefined undefined');
  });

  it('says what a login may not do', async () => {
    const rights = (await look(settings({ user: 'reader' }))).get('rights');
    expect(rights).toMatchObject({ state: 'failed', advice: expect.stringContaining('GRANT archon_app') });
    await admin.query('ALTER ROLE ana SET default_transaction_read_only = on');
    expect(told((await look(settings())).get('rights'))).toMatch(/may only read .* make the profile read-only/);
    expect((await look(settings(), { read_only: true })).get('rights')).toMatchObject({ state: 'ok' });
    await admin.query('ALTER ROLE ana RESET ALL');
  });

  it('tells of migrations that wait, and of those of a newer version', async () => {
    await postgres.createDatabase('empty');
    expect((await look(settings({ database: 'empty' }))).get('migrations')).toMatchObject({
      state: 'warning',
      detail: expect.stringContaining('nothing of Archon'),
    });
    await admin.query(`INSERT INTO archon_migrations (version, name, sha256) VALUES (9999, 'later', '')`);
    expect(told((await look(settings())).get('migrations'))).toMatch(/9999.* update this one/);
    await admin.query('DELETE FROM archon_migrations WHERE version = 9999');
  });

  it.skipIf(!pgbouncerAvailable)('recognises a pooler and how it shares', async () => {
    const seen: Record<string, ConnectionStep | undefined> = {};
    for (const mode of ['session', 'transaction', 'statement'] as const) {
      const bouncer = await startPgBouncer(postgres, { database: 'archon', user: 'postgres', mode });
      const found = await look(settings({ port: bouncer.port, user: 'postgres', password: null, host: '127.0.0.1' }));
      seen[mode] = found.get('pooler');
      await bouncer.stop();
    }
    expect(seen.session).toMatchObject({ state: 'ok', detail: expect.stringContaining('session mode') });
    expect(seen.transaction).toMatchObject({ state: 'warning', detail: expect.stringContaining('LISTEN') });
    expect(seen.statement).toMatchObject({ state: 'failed', advice: expect.stringContaining('pool_mode = session') });
  });

  it('is over in time, whatever does not answer', async () => {
    const sockets: Socket[] = [];
    const hole = createServer((socket) => sockets.push(socket.on('error', () => {}))).listen(0, '127.0.0.1');
    await once(hole, 'listening');
    const { port } = hole.address() as AddressInfo;
    const change = { host: '127.0.0.1', port };
    const silent = async (more: Partial<DatabaseSettings>) =>
      told(failedAt(await look(settings({ ...change, ...more }), { limit_ms: 300 })));
    expect(await silent({})).toMatch(/^login: The host does not answer\./);
    expect(await silent(tls('verify-full'))).toMatch(/^tls: The host does not answer\./);
    const stop = new AbortController();
    const steps = testConnection(settings(change), { read_only: false, signal: stop.signal });
    await expect(
      (async () => {
        for await (const { step, state } of steps) if (step === 'login' && state === 'running') stop.abort();
      })(),
    ).rejects.toThrow(/aborted/);
    for (const socket of sockets) socket.destroy();
    hole.close();
  });

  it('recognises a host that is not there and a port that nobody listens on', async () => {
    expect(told(failedAt(await look(settings({ host: 'nowhere.invalid' }))))).toMatch(/^dns: /);
    expect(told(failedAt(await look(settings({ host: '127.0.0.1', port: 1 }))))).toMatch(/^tcp: Nothing listens/);
  });
});

describe.skipIf(!redisAvailable)('a look at Redis', () => {
  const unreachable: DatabaseSettings = {
    host: '127.0.0.1',
    port: 1,
    database: 'a',
    user: 'a',
    password: null,
    tls: NO_TLS,
    pool_size: 1,
  };
  const lookAt = (url: string, change: Partial<RedisServerSettings> = {}) =>
    look({ database: unreachable, redis: { ...parseRedisUrl(url), ...change } }, { limit_ms: 1500 });
  const failure = async (url: string, change: Partial<RedisServerSettings> = {}) => {
    const steps = [...(await lookAt(url, change)).values()];
    return told(steps.find(({ step, state }) => step.startsWith('redis') && state === 'failed'));
  };

  it('goes from the name to the latency, and recognises who is not let in', async () => {
    const redis = await startRedis({ maxmemory: '100mb', 'maxmemory-policy': 'allkeys-lru' });
    const admin = new Redis(redis.url);
    await admin.config('SET', 'requirepass', 'pw');
    admin.disconnect();
    try {
      const found = await lookAt(redis.url, { password: 'pw' });
      expect(found.get('redis_login')).toMatchObject({ state: 'ok' });
      expect(told(found.get('redis_version'))).toMatch(/Redis 7.*allkeys-lru.*noeviction/);
      expect(found.get('redis_latency')).toMatchObject({ state: 'ok' });
      expect(await failure(redis.url)).toMatch(/^redis_login: Redis asks for a password\./);
      expect(await failure(redis.url, { password: 'wrong' })).toMatch(
        /^redis_login: Redis refuses the user or the password/,
      );
      const secured = { password: 'pw', tls: { ...NO_TLS, mode: 'verify-full' as const } };
      expect(await failure(redis.url, secured)).toMatch(/^redis_tls: /);
    } finally {
      await redis.remove();
    }
  });

  it.skipIf(!opensslAvailable)('wants a client certificate where the server does', async () => {
    const certificates = makeCertificates();
    const folder = mkdtempSync(join(tmpdir(), 'archon-redis-tls-'));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const port = await startedPort();
    const redis = await startRedis({
      'tls-port': String(port),
      'tls-cert-file': file('cert.pem', certificates.good.cert),
      'tls-key-file': file('key.pem', certificates.good.key),
      'tls-ca-cert-file': file('ca.pem', certificates.ca),
      'tls-auth-clients': 'yes',
    });
    try {
      const url = `rediss://localhost:${port}`;
      const base = { ...NO_TLS, mode: 'verify-full' as const, ca_pem: certificates.ca };
      expect(await failure(url, { tls: base })).toMatch(/wants a client certificate/);
      const { cert, key } = certificates.client;
      const found = await lookAt(url, { tls: { ...base, cert_pem: cert, key_pem: key } });
      expect(found.get('redis_login')).toMatchObject({ state: 'ok' });
    } finally {
      await redis.remove();
      rmSync(folder, { recursive: true });
    }
  });
});

async function startedPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
