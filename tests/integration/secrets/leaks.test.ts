/**
 * Nobody is told a secret: everything that Archon says, in order and in trouble, is searched for secrets that were planted
 * in every place that takes one. A new place goes into `planted`.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ArchonClient, contract, TESTABLE_SERVICES } from '../../../src-contract/index.ts';
import { router } from '../../../src-main/api/router.ts';
import { commandLineContext } from '../../../src-main/cli/connection.ts';
import { describeFailure } from '../../../src-main/cli/exit-codes.ts';
import { tellUnexpected } from '../../../src-main/cli/unexpected-error.ts';
import { systemClock } from '../../../src-main/clock.ts';
import { runChecks } from '../../../src-main/doctor/run-checks.ts';
import { Engine } from '../../../src-main/engine.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { createLogs } from '../../../src-main/observability/logs/create-logs.ts';
import type { Logs } from '../../../src-main/observability/logs/logs.ts';
import { secretBoxOf } from '../../../src-main/secrets/secret-box.ts';
import { listRoutes, type Route } from '../../../src-main/server/route-table.ts';
import { type Config, defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { loadConfig } from '../../../src-main/settings/load-config.ts';
import { type EchoServices, startEchoServices } from '../../support/echo-services.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { type RedisServer, redisAvailable, startRedis } from '../../support/redis-server.ts';
import { type Canary, Said, waysOf } from '../../support/secret-search.ts';
import { callRoute } from '../server/support/http-input.ts';
import { routeSamples } from '../server/support/route-samples.ts';
import { startTestServer, type TestServer } from '../server/support/test-server.ts';
import { makeWorld, type World } from '../server/support/world.ts';

/** With what has to be written otherwise in JSON and in addresses. */
const newSecret = (): string => `K4nari/+&%ö${randomBytes(9).toString('base64url')}`;

/** What each place of the configuration is given. */
const planted = {
  'database.url password': newSecret(),
  'redis.url password': newSecret(),
  'redis.password': newSecret(),
  'redis.sentinel_password': newSecret(),
  secret_key: newSecret(),
  secret_key_old: newSecret(),
};
const asciiSecret = (): string => newSecret().replace('ö', 'o');
/** What each secret setting is given; they are sent to services, which answer with them. */
const SETTINGS = {
  'llm.api_key': asciiSecret(),
  'embedding.api_key': asciiSecret(),
  'alerts.smtp_password': asciiSecret(),
  'alerts.webhook_secret': asciiSecret(),
};
/** In the address of Slack. */
const SLACK = `K4nari${randomBytes(9).toString('hex')}`;
/** What each secret of a connection profile is given. */
const PROFILE = {
  'password of a profile': newSecret(),
  'key of a profile': asciiSecret(),
  'password of Redis of a profile': newSecret(),
  'password in the URL of a profile': newSecret(),
};
const canaries: Canary[] = Object.entries({ ...planted, ...SETTINGS, ...PROFILE, 'URL of Slack': SLACK }).map(
  ([name, secret]) => ({ name, secret }),
);
const plant = (name: string, secret: string) => canaries.push({ name, secret });

it('a secret is found however it is written', () => {
  const encodings = [
    (text: string) => text,
    (text: string) => JSON.stringify({ a: text }),
    (text: string) => JSON.stringify(JSON.stringify([text])),
    (text: string) => `https://x/?a=${encodeURIComponent(text)}`,
    (text: string) => Buffer.from(text).toString('base64'),
    (text: string) => Buffer.from(text).toString('base64url'),
    (text: string) => Buffer.from(text).toString('hex'),
  ];
  const secret = fc.string({ unit: 'grapheme', minLength: 8, maxLength: 40 });
  fc.assert(
    fc.property(secret, fc.constantFrom(...encodings), fc.string(), fc.string(), (text, encode, before, after) => {
      const said = new Said();
      said.add('here', encode(`${before}${text}${after}`));
      const isFound = said.leaks([{ name: 'it', secret: text }]).length > 0;
      // What is cut out of the middle of base64 may be too short to be told from chance; nothing of it is left out.
      expect(isFound || waysOf(text).some((way) => way.length < 6)).toBe(true);
    }),
  );
});

const READS = listRoutes(contract).filter(({ method }) => method === 'GET');
/** Answers without an end, or that are looked at by themselves. */
const STREAMS = new Set(['events.stream', 'logs.tail', 'logs.diagnostics']);

describe.runIf(postgresAvailable && redisAvailable)('nothing that Archon says holds a secret', () => {
  let postgres: PostgresServer;
  let redis: RedisServer;
  let server: TestServer;
  let world: World;
  let person: ArchonClient;
  let logs: Logs;
  let config: Config;
  let echo: EchoServices;
  const said = new Said();
  const printed: string[] = [];

  beforeAll(async () => {
    echo = await startEchoServices();
    postgres = await startPostgres({ fsync: 'off' });
    redis = await startRedis();
    const admin = new Redis(redis.url);
    await admin.config('SET', 'requirepass', planted['redis.url password']);
    admin.disconnect();
    const url = new URL(await postgres.createDatabase('leaks'));
    url.password = encodeURIComponent(planted['database.url password']);
    const settings = {
      'database.url': url.href,
      'redis.url': `redis://:${encodeURIComponent(planted['redis.url password'])}@127.0.0.1:${redis.port}`,
      'redis.password': planted['redis.password'],
      'redis.sentinel_password': planted['redis.sentinel_password'],
      secret_key: planted.secret_key,
      secret_key_old: planted.secret_key_old,
      'log.level': 'trace',
      'events.webhooks_allow_private': true,
    } as const;
    server = await startTestServer(systemClock, settings, 'server', (made) => {
      config = made;
      logs = createLogs(made, { owner: 'archon', level: 'trace', print: (line) => void printed.push(line) });
      return logs;
    });
    world = await makeWorld(server);
    const context = commandLineContext(server.engine.services, logs.logger, server.installation);
    person = createRouterClient(router, { context });
    const { services, tokens, loginCodes } = server.engine;
    plant('token of an agent', server.token);
    plant('token of this run', tokens.createForThisRun({ org_id: LOCAL_ORG_ID, actor: 'cli' }).token);
    plant('login code', loginCodes.create());
    const scope = { org_id: LOCAL_ORG_ID, actor: 'test' };
    const input = { name: 'canary', url: 'http://127.0.0.1:9/hook', enabled: true };
    const webhook = await services.delivery.webhooks.create(scope, input);
    plant('secret of a webhook', webhook.secret);
    plant('new secret of a webhook', (await services.delivery.webhooks.rotateSecret(scope, webhook.id)).secret);
    await services.delivery.webhooks.test(scope, webhook.id);
    // A key file beside the passphrase, as after a change from one to the other.
    const box = secretBoxOf({ ...made(), secret_key: null, secret_key_old: null }, { logger: logs.logger });
    box.seal('x', 'y');
    plant('master key', JSON.parse(readFileSync(join(made().data_dir, 'secret.key'), 'utf8')).keys[0].key);
  });
  afterAll(async () => {
    await server?.stop();
    await echo?.stop();
    await redis?.remove();
    await postgres?.remove();
  });
  const made = (): Config => config;

  const expectNone = () => expect(said.leaks(canaries)).toEqual([]);
  const read = async (route: Route, when: string) => {
    const answer = await callRoute(server, route, routeSamples(world)[route.name] ?? {});
    said.add(`${route.name} for an agent, ${when}`, answer.body);
  };

  it('in the answer of any route that reads, to agents and to persons', async () => {
    for (const route of READS.filter(({ name }) => !STREAMS.has(name))) {
      await read(route, 'in order');
      const [domain = '', name = ''] = route.name.split('.');
      const call: unknown = Reflect.get(Reflect.get(person, domain), name);
      if (typeof call !== 'function') throw new Error(`no route ${route.name}`);
      const answer: unknown = await Promise.resolve(call(routeSamples(world)[route.name] ?? {})).catch(
        (error: unknown) => error,
      );
      said.add(`${route.name} for a person`, answer instanceof Blob ? Buffer.from(await answer.arrayBuffer()) : answer);
    }
    said.add('/metrics', (await server.call('GET', '/metrics')).body);
    expect(said.sources.length).toBeGreaterThan(READS.length);
    expectNone();
  });

  it('in events as they come, and in the log as it is followed', async () => {
    const stop = new AbortController();
    const events = await person.events.stream({}, { signal: stop.signal });
    const tail = await person.logs.tail({}, { signal: stop.signal });
    const { id } = await person.webhooks.create({ name: 'another', url: 'http://127.0.0.1:9/hook', enabled: false });
    plant('secret of another webhook', (await person.webhooks.rotateSecret({ id })).secret);
    plant('token made by a person', (await person.app.createToken({ name: 'helper' })).token);
    said.add('events', (await events.next()).value);
    logs.logger.error({ config: made(), token: server.token, url: made()['database.url'] }, 'the whole configuration');
    said.add('log as it is followed', (await tail.next()).value);
    stop.abort();
    await Promise.allSettled([events.return?.(undefined), tail.return?.(undefined)]);
    expectNone();
  });

  it('in tests of services that say what they were sent, in settings, their history and their export', async () => {
    const values = {
      ...SETTINGS,
      'llm.provider': 'openai-compatible',
      'llm.url': `${echo.url}/v1`,
      'llm.model': 'small',
      'embedding.provider': 'openai-compatible',
      'embedding.url': `${echo.url}/v1`,
      'embedding.model': 'small',
      'alerts.email_to': ['ana@example.com'],
      'alerts.email_from': 'archon@example.com',
      'alerts.smtp_host': '127.0.0.1',
      'alerts.smtp_port': echo.smtp_port,
      'alerts.smtp_tls': 'none',
      'alerts.smtp_username': 'ana',
      'alerts.slack_url': `${echo.url}/services/${SLACK}`,
      'alerts.webhook_url': `${echo.url}/hook`,
    };
    for (const service of TESTABLE_SERVICES) {
      const before_saved = await person.settings.test({ service, values });
      expect(before_saved).toMatchObject({ ok: false });
      said.add(`a test of ${service}`, before_saved);
    }
    const changes = Object.entries(values).map(([key, value]) => ({ key, value }));
    said.add('settings that were set', await person.settings.set({ changes }));
    for (const service of TESTABLE_SERVICES)
      said.add(`a test of ${service}, saved`, await person.settings.test({ service }));
    expect(echo.heard.join('\n')).toContain(SETTINGS['llm.api_key']);
    const wrong = { key: 'alerts.slack_url', value: `ftp://example.com/${SLACK}` };
    said.add(
      'a setting that is refused',
      await person.settings.set({ changes: [wrong] }).catch((error: unknown) => error),
    );
    said.add('settings', await person.settings.list({}));
    const history = await person.settings.history({ scope: 'org' });
    expect(JSON.stringify(history)).toContain('llm.api_key');
    said.add('history of settings', history);
    said.add('settings as they are exported', await person.settings.export());
    said.add(
      'settings that are imported',
      await person.settings
        .import({ document: { format: 'archon-settings', version: 1, settings: values }, dry_run: true })
        .catch((error: unknown) => error),
    );
    expectNone();
  });

  it('in connection profiles, and in tests of them that fail', async () => {
    const tls = {
      mode: 'require',
      key_pem: `-----BEGIN PRIVATE KEY-----\n${PROFILE['key of a profile']}\n`,
      cert_pem: 'none',
    } as const;
    const database = {
      host: '127.0.0.1',
      port: postgres.port,
      database: 'nowhere',
      user: 'nobody',
      password: PROFILE['password of a profile'],
    };
    const redis_of = { host: '127.0.0.1', port: redis.port, password: PROFILE['password of Redis of a profile'] };
    const url = `postgres://u:${encodeURIComponent(PROFILE['password in the URL of a profile'])}@127.0.0.1:9/x`;
    const connections = [
      { database, redis: redis_of },
      { database: { ...database, tls }, redis: { ...redis_of, tls } },
      { database: { url } },
      { database: { url: `${url}?sslmode=nonsense` } },
      { database: { url: url.replace('postgres', 'mysql') } },
    ];
    for (const [n, connection] of connections.entries()) {
      const steps: unknown[] = [];
      try {
        for await (const step of await person.profiles.test({ connection })) steps.push(step);
      } catch (error) {
        said.add(`a connection ${n} that is refused`, error);
      }
      said.add(`a test of connection ${n}`, steps);
      const made = await person.profiles.create({ name: `Canary ${n}`, connection }).catch((error: unknown) => error);
      said.add(`connection ${n}`, made);
      if (made instanceof Error || typeof made !== 'object' || made === null || !('profile_id' in made)) continue;
      const profile_id = String(made.profile_id);
      said.add(`migrations of ${n}`, await person.profiles.migrations({ profile_id }).catch((error: unknown) => error));
      said.add(`opening ${n}`, await person.profiles.activate({ profile_id }).catch((error: unknown) => error));
    }
    const { items } = await person.profiles.list({});
    expect(items.length).toBeGreaterThan(2);
    said.add('profiles', items);
    expectNone();
  });

  it('in a snapshot', async () => {
    const { snapshot_id } = await person.offline.snapshot({ name: 'canary', into: 'archive' });
    const state = async () => (await person.offline.read({ snapshot_id })).state;
    await expect.poll(state, { timeout: 20_000 }).toBe('succeeded');
    said.add('a snapshot', await person.offline.read({ snapshot_id }));
    const file = await person.offline.download({ snapshot_id });
    said.add('the archive of a snapshot', Buffer.from(await file.arrayBuffer()));
    expectNone();
  });

  it('in errors of stores that are away, of wrong addresses, of a configuration that is not allowed', async () => {
    await redis.stop('SIGKILL');
    await postgres.stop('SIGQUIT');
    for (const name of ['app.status', 'health.deep', 'sessions.list', 'working.list', 'secrets.status']) {
      const route = READS.find((candidate) => candidate.name === name);
      if (route) await read(route, 'with its stores away');
    }
    said.add('doctor with its stores away', await runChecks({ config: made() }));
    said.add('secrets with the database away', await person.secrets.status({}));
    said.add('a rotation with the database away', await person.secrets.rotate({}).catch((error: unknown) => error));
    const failure = await new Engine({
      config: { ...made(), data_dir: join(made().data_dir, 'other') },
      logger: logs.logger,
    })
      .start()
      .catch((error: unknown) => error);
    said.add('a start that failed', failure);
    said.add('a start that failed, in words', describeFailure(failure));
    await postgres.restart();
    await redis.restart();
    for (const key of ['database.url', 'redis.url', 'secret_key', 'redis.password', 'log.level']) {
      const bad = key.endsWith('url') ? `mysql://u:${encodeURIComponent(planted['database.url password'])}@db/x` : '';
      const wrong = key === 'secret_key' ? planted.secret_key.slice(0, 12) : bad;
      try {
        loadConfig({
          env: {},
          flags: { [key]: wrong, 'database.ssl_mode': planted.secret_key === '' ? 'x' : 'no such mode' },
          platformDefaults: { data_dir: join(made().data_dir, 'none'), working_dir: made().data_dir },
        });
      } catch (error) {
        said.add(`${key} that is not allowed`, error);
        said.add(`${key} that is not allowed, in words`, describeFailure(error));
      }
    }
    expectNone();
  });

  it('when the process ends by an error that nobody handled', () => {
    const error = new Error(`cannot reach ${made()['database.url']} with Bearer ${server.token}`);
    Object.assign(error, { config: made(), secret: planted.secret_key });
    const stderr: string[] = [];
    tellUnexpected(error, { write: (text: string) => stderr.push(text) > 0 }, logs);
    said.add('stderr of a crash', stderr.join(''));
    logs.logger.fatal({ err: error }, 'an error nobody handled');
    expectNone();
  });

  it('in diagnostics, archives, log files, and anything else in the data folder', async () => {
    const bytes: Buffer[] = [];
    for await (const piece of await person.logs.diagnostics()) {
      if (piece.kind === 'bytes') bytes.push(Buffer.from(piece.base64, 'base64'));
    }
    said.add('diagnostics', Buffer.concat(bytes));
    said.add(
      'an archive',
      Buffer.from(await (await person.transfer.download({ job_id: world.export_job_id })).arrayBuffer()),
    );
    said.add('the terminal', printed.join('\n'));
    said.addFolder('data folder', made().data_dir, (name) => name === 'secret.key');
    expect(said.sources).toContain('data folder/logs/archon.log');
    expect(said.sources).toContain('data folder/history.db');
    expectNone();
  });

  it('in the database itself', async () => {
    // Past the engine, whose breaker may still be open.
    const admin = new pg.Client(made()['database.url'] ?? '');
    await admin.connect();
    const tables = await admin.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    for (const { name } of tables.rows) {
      const { rows } = await admin.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t`);
      said.add(`table ${name}`, rows.map(({ row }) => row).join('\n'));
    }
    await admin.end();
    expect(said.sources).toContain('table public.archon_webhooks');
    expectNone();
  });

  it('and the search would have found each of them', () => {
    const control = new Said();
    for (const { name, secret } of canaries) control.add(`control ${name}`, { deep: [secret] });
    expect(control.leaks(canaries)).toHaveLength(canaries.length);
    expect(defaultConfig('x').secret_key).toBeNull();
  });
});
