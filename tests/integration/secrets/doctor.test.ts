/** The doctor and the secrets of an engine that runs, over the API and beside it. */
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient, Finding } from '../../../src-contract/index.ts';
import { type ApiContext, router } from '../../../src-main/api/router.ts';
import { commandLineContext } from '../../../src-main/cli/connection.ts';
import { applyFix, runChecks } from '../../../src-main/doctor/run-checks.ts';
import { EngineHost } from '../../../src-main/installation/engine-host.ts';
import { defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { EmbeddedPostgres } from '../../../src-main/storage/embedded/embedded-postgres.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { copyTemplate } from '../../support/template-folder.ts';
import { silentLogger } from '../../support/test-databases.ts';
import { startTestServer, type TestServer } from '../server/support/test-server.ts';

describe('an engine that runs', () => {
  let server: TestServer;
  let person: ArchonClient;
  const clientOf = (change: Partial<ApiContext> = {}): ArchonClient => {
    const context = commandLineContext(server.engine.services, silentLogger, server.installation);
    return createRouterClient(router, { context: { ...context, ...change } });
  };
  beforeAll(async () => {
    server = await startTestServer();
    person = clientOf();
  });
  afterAll(() => server?.stop());

  it('is examined while it has the data folder and the database', async () => {
    const { findings, checked_at } = await person.doctor.run();
    expect(Date.parse(checked_at)).toBeGreaterThan(0);
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
    const of = (check: string) => findings.find((finding) => finding.check === check)?.detail;
    expect(of('lock')).toContain('held by Archon');
    expect(of('database')).toMatch(/^embedded, PostgreSQL 18/);
    expect(of('database size')).toMatch(/ MB of data, .* of write-ahead log$/);
    expect(of('secrets')).toContain('secret.key');
    expect(of('backups')).toBe('none yet');
  });

  it.skipIf(process.platform === 'win32')('is mended while it runs', async () => {
    const { data_dir } = server.engine.services.app;
    chmodSync(data_dir, 0o750);
    const { findings } = await person.doctor.run();
    const found = findings.find(({ fix }) => fix !== null);
    expect(found).toMatchObject({ check: 'privacy', fix: { fix_id: 'data_folder.mode' } });
    const mended = await person.doctor.fix({ fix_id: 'data_folder.mode' });
    expect(mended.done).toContain('Only this user');
    expect(mended.findings.every(({ status }) => status === 'ok')).toBe(true);
    expect(statSync(data_dir).mode & 0o777).toBe(0o700);
    await expect(person.doctor.fix({ fix_id: 'data_folder.mode' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('tells of its secrets and makes a new key; a webhook signs as before', async () => {
    const webhook = await person.webhooks.create({ name: 'hook', url: 'https://example.com/', enabled: false });
    const before = await person.secrets.status({});
    expect(before).toMatchObject({
      protection: 'key_file',
      older_keys: 0,
      kept: [
        { where: 'Webhooks', count: 1, unreadable: 0, problem: null },
        { where: 'Settings of organisations', count: 0 },
        { where: 'Channels of alerts', count: 0 },
        { where: 'Connection profiles', count: 0 },
      ],
    });
    const after = await person.secrets.rotate({});
    expect(after).toMatchObject({
      protection: 'key_file',
      older_keys: 1,
      kept: [{ count: 1, unreadable: 0 }, {}, {}, {}],
    });
    expect(JSON.stringify(after)).not.toContain(webhook.secret);
  });

  it('answers persons only, and a process without an installation says who can', async () => {
    const agent = clientOf({ interactive: false });
    for (const call of [
      agent.doctor.run(),
      agent.doctor.fix({ fix_id: 'a.b' }),
      agent.secrets.status({}),
      agent.secrets.rotate({}),
    ]) {
      await expect(call).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
    const context = commandLineContext(server.engine.services, silentLogger);
    const alone: ArchonClient = createRouterClient(router, { context });
    await expect(alone.doctor.run()).rejects.toMatchObject({ code: 'CONFLICT' });
    // The command line of this computer reaches a server by the token of its run, which only this user can read.
    const { token } = server.engine.tokens.createForThisRun({
      org_id: '00000000-0000-7000-8000-000000000001',
      actor: 'cli',
    });
    expect((await server.call('GET', '/api/secrets', { token })).status).toBe(200);
    expect((await server.call('GET', '/api/secrets')).status).toBe(403);
  });
});

it('a port that another program has is exchanged while nothing of ours listens, and used at once', async () => {
  const data_dir = mkdtempSync(join(tmpdir(), 'archon-doctor-'));
  copyTemplate(data_dir);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const taken = (other.address() as AddressInfo).port;
  const config = { ...defaultConfig(data_dir), 'server.port': taken };
  // As in the desktop app, whose API could not come up.
  const host = new EngineHost({ config, logger: silentLogger, env: {}, configured_by: null });
  await host.start();
  const person: ArchonClient = createRouterClient(router, {
    context: commandLineContext(host.services, silentLogger, host.installation),
  });
  const port = (findings: readonly Finding[]) => findings.find(({ check }) => check === 'port');
  expect(port((await person.doctor.run()).findings)).toMatchObject({
    status: 'failed',
    fix: { fix_id: 'port.choose' },
  });
  const { done, findings } = await person.doctor.fix({ fix_id: 'port.choose' });
  expect(port(findings)).toMatchObject({ status: 'ok', fix: null });
  const { items } = await person.settings.list({});
  const chosen = items.find(({ key }) => key === 'server.port');
  expect(chosen).toMatchObject({ is_set: true, waits: false });
  expect(done).toBe(`The port is ${chosen?.value} now.`);
  expect(chosen?.value).not.toBe(taken);
  await host.stop();
  other.close();
  rmSync(data_dir, { recursive: true, force: true });
});

it('an embedded database of before is brought up to date, once that is asked for', async () => {
  const data_dir = mkdtempSync(join(tmpdir(), 'archon-doctor-'));
  // As it is when nothing was migrated yet.
  const embedded = new EmbeddedPostgres({ cluster_dir: join(data_dir, 'postgres'), logger: silentLogger });
  await embedded.start();
  await embedded.stop();
  const host = { config: { ...defaultConfig(data_dir), 'server.port': 0 } };
  const { done, findings } = await applyFix(host, 'database.migrate');
  expect(done).toMatch(/^The database is at version \d+ now\.$/);
  expect(findings.find(({ check }) => check === 'database')).toMatchObject({ status: 'ok', fix: null });
  rmSync(data_dir, { recursive: true, force: true });
});

describe.runIf(postgresAvailable)('a PostgreSQL server', () => {
  let postgres: PostgresServer;
  const data_dir = mkdtempSync(join(tmpdir(), 'archon-doctor-'));
  beforeAll(async () => {
    postgres = await startPostgres({ fsync: 'off' });
  });
  afterAll(async () => {
    await postgres?.remove();
    rmSync(data_dir, { recursive: true, force: true });
  });

  it('is given an extension that it has, by a login that may; a guest is not offered it', async () => {
    const url = await postgres.createDatabase('doctor');
    const admin = new pg.Client(url);
    await admin.connect();
    const { rows } = await admin.query(`SELECT name FROM pg_available_extensions WHERE name = 'pg_trgm'`);
    await admin.query('CREATE ROLE guest LOGIN');
    const hostOf = (login: string) => ({
      config: { ...defaultConfig(data_dir), 'server.port': 0, 'database.url': login },
    });
    const trigram = async (login: string) => (await runChecks(hostOf(login))).find(({ check }) => check === 'pg_trgm');
    if (rows.length === 0) {
      expect(await trigram(url)).toMatchObject({ status: 'warning', fix: null });
    } else {
      expect(await trigram(url)).toMatchObject({ status: 'ok', fix: { fix_id: 'database.create_pg_trgm' } });
      expect(await trigram(url.replace('postgres@', 'guest@'))).toMatchObject({ fix: null });
      const read_only = { read_only: true, settings: null };
      const profile = { config: { ...hostOf(url).config, profile: read_only } };
      expect((await runChecks(profile)).find(({ check }) => check === 'pg_trgm')).toMatchObject({ fix: null });
      const { done, findings } = await applyFix(hostOf(url), 'database.create_pg_trgm');
      expect(done).toContain('pg_trgm');
      expect(findings.find(({ check }) => check === 'pg_trgm')).toMatchObject({ fix: null });
      expect((await admin.query(`SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'`)).rows).toHaveLength(1);
    }
    await admin.end();
  });
});
