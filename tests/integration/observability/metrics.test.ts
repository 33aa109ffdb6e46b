/** Metrics of a running server, on every store: what is counted, and what is told while a store is away. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../../src-contract/index.ts';
import { systemClock } from '../../../src-main/clock.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { prometheusAvailable, promtool } from '../../support/prometheus.ts';
import { type RedisServer, redisAvailable, startRedis } from '../../support/redis-server.ts';
import { startTestServer, type TestServer } from '../server/support/test-server.ts';

/** Long enough for two cycles of what is polled, on a machine that is busy. */
const PATIENCE = { timeout: 60_000, interval: 100 };

const scrape = async (server: TestServer): Promise<string> => {
  const { status, body } = await server.call('GET', '/metrics');
  expect(status).toBe(200);
  return body;
};

/** The value of the series whose labels are these; undefined when it is not told of. */
const figure = async (server: TestServer, series: string): Promise<number | undefined> => {
  const line = (await scrape(server)).split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

const json = (body: object) => ({ body: JSON.stringify(body) });

const memory = (text: string) => ({ user_id: 'mira', memory_type: 'fact', content: { text } });

const component = async (server: TestServer, name: string, path = '/health/deep') => {
  const { status, body } = await server.call('GET', path);
  expect(status).toBe(200);
  return body.components.find((each: { component: string }) => each.component === name);
};

interface Host {
  server: TestServer;
  remove(): Promise<void>;
}

const HOSTS: { name: string; available: boolean; start(): Promise<Host> }[] = [
  {
    name: 'embedded database, built-in sessions',
    available: true,
    start: async () => {
      const server = await startTestServer(systemClock, {}, 'server');
      return { server, remove: () => server.stop() };
    },
  },
  {
    name: 'PostgreSQL, Redis',
    available: postgresAvailable && redisAvailable,
    start: async () => {
      const [postgres, redis] = [await startPostgres({ fsync: 'off' }), await startRedis()];
      const url = await postgres.createDatabase('archon');
      const settings = { 'database.url': url, 'redis.url': redis.url };
      const server = await startTestServer(systemClock, settings, 'server');
      return {
        server,
        remove: async () => {
          await server.stop();
          await Promise.all([postgres.remove(), redis.remove()]);
        },
      };
    },
  },
];

for (const { name, available, start } of HOSTS) {
  describe.runIf(available)(`metrics on ${name}`, () => {
    let host: Host;
    let server: TestServer;
    beforeAll(async () => {
      host = await start();
      ({ server } = host);
    });
    afterAll(() => host?.remove());

    it('are given to those with a token, as Prometheus reads them', async () => {
      const refused = await server.call('GET', '/metrics', { token: null });
      expect(refused.status).toBe(401);
      const { status, headers } = await server.call('GET', '/metrics');
      expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
      expect((await server.call('POST', '/metrics', json({}))).status).toBe(405);
      expect((await server.call('HEAD', '/metrics')).body).toBe('');
    });

    it('count calls by route and outcome, also those that are refused', async () => {
      const route = (outcome: string) => `archon_api_requests_total{route="longterm.get",outcome="${outcome}"}`;
      await server.call('GET', `/api/memory/longterm/0198b3a0-0000-7000-8000-000000000000`);
      await server.call('GET', `/api/memory/longterm/not-an-id`);
      const { body } = await server.call('POST', '/api/memory/longterm', json(memory('Mira likes apples.')));
      await server.call('GET', `/api/memory/longterm/${body.id}`);
      expect([await figure(server, route('success')), await figure(server, route('client_error'))]).toEqual([1, 2]);
      const took = 'archon_api_request_duration_seconds_count{route="longterm.get",outcome="success"}';
      expect(await figure(server, took)).toBe(1);
    });

    it('count events by type once they are committed, those of sessions among them', async () => {
      const type = (event: string) => `archon_events_published_total{type="${event}"}`;
      const before = (await figure(server, type('memory.longterm.created'))) ?? 0;
      const items = ['one', 'two', 'three'].map(memory);
      await server.call('POST', '/api/memory/longterm/batch', json({ items }));
      expect(await figure(server, type('memory.longterm.created'))).toBe(before + 3);
      const { body } = await server.call('POST', '/api/memory/longterm', json(memory('four')));
      await server.call('DELETE', `/api/memory/longterm/${body.id}`);
      expect(await figure(server, type('memory.longterm.deleted'))).toBe(1);
      await server.call('POST', '/api/memory/sessions', json({ user_id: 'mira', messages: [] }));
      await expect.poll(() => figure(server, type('memory.session.created')), PATIENCE).toBe(1);
    });

    it('tell of contexts, and of what was known already', async () => {
      const ask = () => server.call('POST', '/api/memory/context', json({ user_id: 'mira', query: 'apples' }));
      await ask();
      await ask();
      expect(await figure(server, 'archon_contexts_total{status="healthy"}')).toBe(2);
      expect(await figure(server, 'archon_context_assembly_duration_seconds_count')).toBe(2);
      expect(await figure(server, 'archon_context_tokens_count')).toBe(2);
      const controls = (result: string) => `archon_cache_requests_total{cache="controls",result="${result}"}`;
      expect([await figure(server, controls('miss')), await figure(server, controls('hit'))]).toEqual([1, 1]);
      const keyed = { ...memory('once'), idempotency_key: 'apples' };
      for (let i = 0; i < 3; i += 1) await server.call('POST', '/api/memory/longterm', json(keyed));
      const answers = (result: string) => `archon_cache_requests_total{cache="idempotency_answers",result="${result}"}`;
      expect([await figure(server, answers('miss')), await figure(server, answers('hit'))]).toEqual([1, 2]);
    });

    it('follow an event to its subscriber, through a failure, to the dead letters', async () => {
      const kind = (metric: string) => `archon_events_${metric}_total{subscriber="built_in"}`;
      const { events } = server.engine.services.delivery;
      const refuse = async ({ payload }: EventEnvelope) => {
        if ('relation' in payload) throw new Error('no links, please');
      };
      events.subscribe({
        name: 'picky',
        types: ['memory.working.created', 'memory.link.created'],
        retry: { attempts: 2, first_seconds: 0.01 },
        handle: refuse,
      });
      await events.refresh();
      const working = { user_id: 'mira', memory_type: 'action', content: { text: 'picked apples' } };
      const ids: string[] = [];
      for (const text of ['a', 'b']) {
        const { body } = await server.call('POST', '/api/memory/longterm', json(memory(text)));
        ids.push(body.id);
      }
      await server.call('POST', '/api/memory/working', json(working));
      await server.call('PUT', '/api/memory/links', json({ from_id: ids[0], to_id: ids[1], relation: 'supports' }));
      await expect.poll(() => figure(server, kind('dead')), PATIENCE).toBe(1);
      expect([await figure(server, kind('processed')), await figure(server, kind('retried'))]).toEqual([1, 1]);
      expect(await figure(server, 'archon_event_handler_duration_seconds_count{subscriber="built_in"}')).toBe(3);
      await expect.poll(() => figure(server, 'archon_dead_letters{subscriber="built_in"}'), PATIENCE).toBe(1);
      expect(await figure(server, 'archon_dead_letter_oldest_age_seconds')).toBeGreaterThan(0);
      expect(await component(server, 'delivery')).toMatchObject({
        status: 'degraded',
        advice: expect.stringContaining('dead letters'),
      });
    });

    it('count runs of workers and tell how they are', async () => {
      await server.call('POST', '/api/workers/cleanup/run', json({}));
      const runs = 'archon_worker_runs_total{worker="cleanup",outcome="succeeded"}';
      await expect.poll(() => figure(server, runs), PATIENCE).toBe(1);
      expect(await figure(server, 'archon_worker_run_duration_seconds_count{worker="cleanup"}')).toBe(1);
      const healthy = 'archon_worker_health{worker="cleanup",status="healthy"}';
      await expect.poll(() => figure(server, healthy), PATIENCE).toBe(1);
      await expect.poll(() => figure(server, 'archon_worker_nodes{status="live"}'), PATIENCE).toBe(1);
    });

    it('tell of the process, the pool, the disk and the outbox', async () => {
      const text = await scrape(server);
      for (const series of [
        'archon_process_cpu_seconds_total{mode="user"}',
        'archon_process_resident_memory_bytes',
        'archon_nodejs_heap_used_bytes',
        'archon_nodejs_eventloop_lag_p99_seconds',
        'archon_database_pool_connections{state="idle"}',
        'archon_database_pool_waiting',
        'archon_data_folder_free_bytes',
        'archon_session_outbox_events',
        'archon_collector_up{collector="delivery"}',
      ]) {
        expect(
          text.split('\n').some((line) => line.startsWith(`${series} `)),
          series,
        ).toBe(true);
      }
      for (const line of text.split('\n')) {
        if (line.startsWith('archon_collector_up')) expect(line.endsWith(' 1'), line).toBe(true);
      }
    });

    it.runIf(prometheusAvailable)('leave promtool nothing to say', async () => {
      expect(promtool(['check', 'metrics'], await scrape(server))).toEqual({ status: 0, said: '' });
    });

    it('are drawn over time from what is kept, and told as they are now', async () => {
      const since = new Date(Date.now() - 600_000).toISOString();
      const current = async () => (await server.call('GET', '/api/metrics/current')).body;
      await expect.poll(async () => (await current()).at, PATIENCE).not.toBeNull();
      const path = `/api/metrics/series?names=memory&names=api_requests&from=${since}&max_points=100`;
      const { status, body } = await server.call('GET', path);
      expect([status, body.step_seconds, body.resolution_seconds]).toEqual([200, 10, 10]);
      const resident = body.lines.find(({ line }: { line: string }) => line === 'resident');
      expect(resident.values).toHaveLength(body.points);
      expect(resident.values.filter((value: number | null) => value !== null).length).toBeGreaterThan(0);
      // Before the server began there is nothing.
      expect(resident.values[0]).toBeNull();
      const calls = body.lines.find(({ line }: { line: string }) => line === 'success');
      expect(Math.max(...calls.values)).toBeGreaterThan(0);
    });

    it('name what is wrong with a question', async () => {
      const ask = async (query: string) => (await server.call('GET', `/api/metrics/series?${query}`)).body;
      expect(await ask('names=secrets&from=2026-01-01T00:00:00Z')).toMatchObject({ code: 'VALIDATION_FAILED' });
      expect(await ask('names=cpu')).toMatchObject({ data: { field: 'from' } });
      expect(await ask('names=cpu&from=2999-01-01T00:00:00Z')).toMatchObject({
        message: expect.stringContaining('now'),
      });
    });
  });
}

describe.runIf(postgresAvailable && redisAvailable)('while a store is away', () => {
  let server: TestServer;
  let postgres: PostgresServer;
  let redis: RedisServer;
  beforeAll(async () => {
    postgres = await startPostgres({ fsync: 'off' });
    redis = await startRedis();
    const settings = { 'database.url': await postgres.createDatabase('archon'), 'redis.url': redis.url };
    server = await startTestServer(systemClock, settings, 'server');
  });
  afterAll(async () => {
    await server?.stop();
    await Promise.all([postgres?.remove(), redis?.remove()]);
  });

  const up = (collector: string) => figure(server, `archon_collector_up{collector="${collector}"}`);

  it('says so for the database, answers everything it can, and is well again by itself', async () => {
    await expect.poll(async () => (await component(server, 'event_log')).detail, PATIENCE).toContain('listens');
    const before = await component(server, 'database');
    await postgres.stop('SIGQUIT');
    await expect.poll(async () => (await component(server, 'database')).status, PATIENCE).toBe('unhealthy');
    const { body } = await server.call('GET', '/health/deep');
    expect(body.status).toBe('unhealthy');
    const down = await component(server, 'database');
    expect(down).toMatchObject({
      advice: expect.stringContaining('database.url'),
      last_error: { message: down.detail },
    });
    expect(down.since > before.since).toBe(true);
    expect(down.detail).not.toBe('');
    expect(await component(server, 'sessions')).toMatchObject({ status: 'healthy' });
    expect(await component(server, 'event_log')).toMatchObject({ status: 'unhealthy' });
    expect((await server.call('GET', '/health', { token: null })).body).toMatchObject({ status: 'ok' });
    // A token whose organisation the database was never asked for.
    expect((await server.call('GET', '/health/deep', { token: server.other_token })).status).toBe(200);
    expect((await server.call('GET', '/metrics', { token: server.other_token })).status).toBe(200);
    await expect.poll(() => up('delivery'), PATIENCE).toBe(0);
    expect(await figure(server, 'archon_dead_letters{subscriber="webhook"}')).toBeUndefined();
    expect(await up('session_outbox')).toBe(1);
    expect(await figure(server, 'archon_health_status{component="database",status="unhealthy"}')).toBe(1);
    await postgres.restart();
    await expect.poll(async () => (await component(server, 'database')).status, PATIENCE).toBe('healthy');
    expect(await component(server, 'database')).toMatchObject({
      advice: null,
      last_error: { message: expect.any(String) },
    });
    await expect.poll(() => up('delivery'), PATIENCE).toBe(1);
    await expect.poll(async () => (await component(server, 'event_log')).detail, PATIENCE).toContain('listens');
  });

  it('waits for no store that takes connections and says nothing', async () => {
    redis.freeze();
    await expect.poll(async () => (await component(server, 'sessions')).status, PATIENCE).toBe('unhealthy');
    expect(await component(server, 'sessions')).toMatchObject({ latency_ms: null, since: expect.any(String) });
    expect(await component(server, 'database')).toMatchObject({ status: 'healthy' });
    await expect.poll(() => up('session_outbox'), PATIENCE).toBe(0);
    redis.thaw();
    await expect.poll(async () => (await component(server, 'sessions')).status, PATIENCE).toBe('healthy');
  });

  it('says so for the sessions', async () => {
    await redis.stop();
    await expect.poll(async () => (await component(server, 'sessions')).status, PATIENCE).toBe('unhealthy');
    const memoryHealth = (await server.call('GET', '/health/memory')).body;
    expect(memoryHealth.status).toBe('degraded');
    expect(await component(server, 'database', '/health/events')).toMatchObject({ status: 'healthy' });
    await expect.poll(() => up('session_outbox'), PATIENCE).toBe(0);
    expect(await figure(server, 'archon_session_outbox_events')).toBeUndefined();
    expect(await up('delivery')).toBe(1);
    await redis.restart();
    await expect.poll(async () => (await component(server, 'sessions')).status, PATIENCE).toBe('healthy');
    await expect.poll(() => up('session_outbox'), PATIENCE).toBe(1);
  });
});
