/** What the monitors see of a running engine, on every store: while all is well, and while something is not. */
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPS_MONITORS, OPS_SIGNALS, type OpsLabels, type OpsSignalName } from '../../../src-contract/index.ts';
import { systemClock } from '../../../src-main/clock.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { LEAST_REQUESTS } from '../../../src-main/ops-agent/monitors/metrics.ts';
import { Monitors } from '../../../src-main/ops-agent/monitors/monitors.ts';
import type { Observed } from '../../../src-main/ops-agent/parts.ts';
import { defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { LiveSettings } from '../../../src-main/settings/live-settings.ts';
import { addDeadLetters } from '../../support/dead-letter-rows.ts';
import { postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { type RedisServer, redisAvailable, startRedis } from '../../support/redis-server.ts';
import { type RunningBackend, SESSION_BACKENDS } from '../../support/session-backends.ts';
import { OTHER_ORG_ID, startTestServer, type TestServer } from '../server/support/test-server.ts';

/** Long enough for what is looked at every few seconds, on a machine that is busy. */
const PATIENCE = { timeout: 60_000, interval: 200 };
const scope = { org_id: LOCAL_ORG_ID, actor: 'test' };
const other = { org_id: OTHER_ORG_ID, actor: 'test' };

/** Those that are there only sometimes: of large tables, standbys, dead letters, and where backups are made. */
const SOMETIMES: readonly OpsSignalName[] = [
  'dead_letters_of_subscriber',
  'replication_lag_seconds',
  'table_bloat_percent',
  'sequential_scan_percent',
];
const EMBEDDED_ALONE: readonly OpsSignalName[] = ['backup_age_seconds'];
const SERVER_ALONE: readonly OpsSignalName[] = ['database_connections_percent'];

interface Host {
  server: TestServer;
  redis: RedisServer | undefined;
  remove(): Promise<void>;
}

const HOSTS: { name: string; embedded: boolean; available: boolean; start(): Promise<Host> }[] = [
  {
    name: 'the embedded database, built-in sessions',
    embedded: true,
    available: true,
    start: async () => {
      const server = await startTestServer(systemClock, {}, 'server');
      return { server, redis: undefined, remove: () => server.stop() };
    },
  },
  {
    name: 'PostgreSQL, Redis',
    embedded: false,
    available: postgresAvailable && redisAvailable,
    start: async () => {
      const [postgres, redis] = [await startPostgres({ fsync: 'off' }), await startRedis()];
      const url = await postgres.createDatabase('archon');
      const server = await startTestServer(systemClock, { 'database.url': url, 'redis.url': redis.url }, 'server');
      return {
        server,
        redis,
        remove: async () => {
          await server.stop();
          await Promise.all([postgres.remove(), redis.remove()]);
        },
      };
    },
  },
];

for (const { name, embedded, available, start } of HOSTS) {
  describe.runIf(available)(`monitors on ${name}`, () => {
    let host: Host;
    let sessions: RunningBackend;
    let monitors: Monitors;
    beforeAll(async () => {
      host = await start();
      const { engine } = host.server;
      const [sqlite] = SESSION_BACKENDS;
      if (sqlite === undefined) throw new Error('no built-in sessions');
      // The engine gives its own to nobody; their outbox is looked at by its own tests.
      sessions = await sqlite.start();
      const data_dir = dirname(engine.services.backups.folder.path);
      monitors = new Monitors({
        clock: systemClock,
        node: 'here',
        settings: new LiveSettings(defaultConfig(data_dir)),
        sources: {
          ...engine.services,
          database: engine.database,
          sessions: sessions.store,
          has_workers: true,
          data_dir,
          embedded,
        },
      });
    });
    afterAll(async () => {
      await host?.remove();
      await sessions?.remove();
    });

    const observe = (org_id = LOCAL_ORG_ID) => monitors.observe(org_id);
    const valueIn = ({ observations }: Observed, signal: OpsSignalName, labels: OpsLabels = {}) =>
      observations.find(
        (told) => told.signal === signal && Object.entries(labels).every(([key, value]) => told.labels[key] === value),
      )?.value;
    const value = async (...about: [OpsSignalName, OpsLabels?]) => valueIn(await observe(), ...about);

    it('tell of every signal, with the labels it has, and none fails', async () => {
      const asked = Array.from({ length: LEAST_REQUESTS }, () =>
        host.server.call('GET', '/api/memory/working?user_id=mira'),
      );
      await Promise.all(asked);
      // The first sample of the metrics is some seconds away.
      await expect.poll(() => value('api_latency_p95_ms'), PATIENCE).toBeGreaterThan(0);
      const { observations, failed } = await observe();
      expect(monitors.monitors().map(({ monitor, state, error }) => [monitor, state, error])).toEqual(
        OPS_MONITORS.map((monitor) => [monitor, 'ok', null]),
      );
      expect(failed).toEqual([]);
      const absent = new Set([...SOMETIMES, ...(embedded ? SERVER_ALONE : EMBEDDED_ALONE)]);
      const expected = Object.keys(OPS_SIGNALS).filter((signal) => !absent.has(signal as OpsSignalName));
      expect([...new Set(observations.map(({ signal }) => signal))].sort()).toEqual(expected.sort());
      for (const { signal, labels } of observations) {
        expect(Object.keys(labels).sort(), signal).toEqual([...OPS_SIGNALS[signal].labels].sort());
      }
      const series = observations.map(({ signal, labels }) => JSON.stringify([signal, labels]));
      expect(new Set(series).size).toBe(series.length);
    });

    it('tell that all is well', async () => {
      const seen = await observe();
      for (const { signal, labels, value: told } of seen.observations) {
        if (OPS_SIGNALS[signal].unit === 'percent' && signal !== 'cpu_percent') {
          expect(told, signal).toBeGreaterThanOrEqual(0);
          expect(told, signal).toBeLessThanOrEqual(100);
        }
        if (signal === 'component_status') expect(told, labels.component).toBeLessThan(2);
        if (signal === 'breaker_open_seconds' || signal === 'monitor_failed') expect(told, signal).toBe(0);
      }
      expect(valueIn(seen, 'database_bytes')).toBeGreaterThan(1_000_000);
      expect(valueIn(seen, 'data_folder_bytes')).toBeGreaterThan(10_000);
      expect(valueIn(seen, 'memory_percent')).toBeGreaterThan(0);
      expect(valueIn(seen, 'process_memory_bytes')).toBeGreaterThan(10_000_000);
    });

    it('tell of dead letters, each organisation of its own', async () => {
      const { database, organisations } = host.server.engine;
      await organisations.ensure(other);
      await addDeadLetters(database, scope, 'shelf', 120);
      await addDeadLetters(database, other, 'theirs', 3);
      const seen = await observe();
      expect(valueIn(seen, 'dead_letters')).toBe(120);
      expect(valueIn(seen, 'dead_letters_of_subscriber', { subscriber: 'shelf' })).toBe(120);
      expect(valueIn(seen, 'dead_letters_age_seconds')).toBeGreaterThanOrEqual(119);
      expect(JSON.stringify(seen)).not.toContain('theirs');
      const { observations } = await observe(OTHER_ORG_ID);
      expect(valueIn({ ...seen, observations }, 'dead_letters')).toBe(3);
      expect(observations.every(({ signal }) => OPS_SIGNALS[signal].of === 'organisation')).toBe(true);
    });

    it('tell since when an event waits that nobody takes', async () => {
      const { database } = host.server.engine;
      await database.withScope(scope, async (tx) => {
        await tx.sql(
          `INSERT INTO archon_events (org_id, type, user_id, actor, payload, created_at)
           VALUES ($1, 'settings.changed', NULL, 'test', '{"keys": []}', now() - interval '10 minutes')`,
          [LOCAL_ORG_ID],
        );
        await tx.sql(`INSERT INTO archon_event_subscribers (org_id, name, cursor) VALUES ($1, 'nobody', 0)`, [
          LOCAL_ORG_ID,
        ]);
      });
      expect(await value('event_lag_seconds')).toBeGreaterThanOrEqual(600);
      await database.withScope(scope, (tx) =>
        tx.sql(`UPDATE archon_event_subscribers SET enabled = false WHERE org_id = $1 AND name = 'nobody'`, [
          LOCAL_ORG_ID,
        ]),
      );
      expect(await value('event_lag_seconds')).toBeLessThan(600);
    });

    it('count the runs of a worker that failed in the last hour, and none that was given back in order', async () => {
      const { database } = host.server.engine;
      const run = (status: string, error: string | null, ago: string) =>
        database.withScope(scope, (tx) =>
          tx.sql(
            `INSERT INTO archon_worker_runs (org_id, run_id, worker, trigger, status, attempt, not_before, pinned, queued_at,
               started_at, ended_at, error)
             SELECT $1, gen_random_uuid(), 'retention', 'schedule', $2, 1, at, false, at, at, at, $3 FROM (SELECT now() - $4::interval AS at) AS given`,
            [LOCAL_ORG_ID, status, error, ago],
          ),
        );
      await run('failed', 'an old one', '61 minutes');
      await run('failed', 'no room', '30 minutes');
      await run('timed_out', 'it made no progress for 60 s', '20 minutes');
      await run('interrupted', 'the node west ended in the middle of it', '10 minutes');
      await run('interrupted', 'its node was stopped', '5 minutes');
      await run('interrupted', 'its node never heard that it was given it', '5 minutes');
      await run('succeeded', null, '4 minutes');
      await run('cancelled', null, '3 minutes');
      const { observations } = await observe();
      expect(
        observations.find(
          ({ signal, labels }) => signal === 'worker_crashes_per_hour' && labels.worker === 'retention',
        ),
      ).toMatchObject({ value: 3, detail: 'the node west ended in the middle of it' });
    });

    it('tell of a worker that fails, again and again, and that it has recovered', async () => {
      const { database } = host.server.engine;
      const of = (signal: OpsSignalName) => value(signal, { worker: 'cleanup' });
      const rename = (from: string, to: string) => database.statement(`ALTER FUNCTION ${from} RENAME TO ${to}`);
      await rename('archon_forget_events', 'archon_mislaid');
      try {
        const begun = await host.server.call('POST', '/api/workers/cleanup/run', { body: '{}' });
        expect(begun.status).toBe(202);
        await expect.poll(() => of('worker_crashes_per_hour'), PATIENCE).toBeGreaterThan(1);
        expect(await of('worker_failures_in_a_row')).toBeGreaterThan(1);
      } finally {
        await rename('archon_mislaid', 'archon_forget_events');
      }
      await host.server.call('POST', '/api/workers/cleanup/restart', { body: '{}' });
      await expect.poll(() => of('worker_failures_in_a_row'), PATIENCE).toBe(0);
      expect(await of('worker_crashes_per_hour')).toBeGreaterThan(1);
    });

    it('tell of a node that is lost', async () => {
      const { database } = host.server.engine;
      await database.withScope(scope, async (tx) => {
        await tx.sql(
          `INSERT INTO archon_worker_nodes (org_id, node_id, name, kind, workers, started_at, heartbeat_at, lease_until)
           VALUES ($1, 'gone', 'west:1', 'worker', '{}', now(), now(), now() - interval '1 minute')`,
          [LOCAL_ORG_ID],
        );
      });
      await expect.poll(() => value('worker_nodes_lost'), PATIENCE).toBe(1);
    });

    it('tell of large tables', async () => {
      const { database } = host.server.engine;
      await database.statement(`
        CREATE TABLE archon_test_shelf (id bigint PRIMARY KEY) WITH (autovacuum_enabled = off);
        INSERT INTO archon_test_shelf SELECT generate_series(1, 20000);
        DELETE FROM archon_test_shelf WHERE id <= 5000;`);
      await expect.poll(() => value('table_bloat_percent', { table: 'archon_test_shelf' }), PATIENCE).toBe(25);
      await expect
        .poll(async () => {
          for (let i = 0; i < 12; i += 1) await database.statement('SELECT count(id + 0) FROM archon_test_shelf');
          return await value('sequential_scan_percent', { table: 'archon_test_shelf' });
        }, PATIENCE)
        .toBe(100);
    });

    it.runIf(!embedded)('go on while Redis is away, and tell for how long its breaker is open', async () => {
      await host.redis?.stop('SIGKILL');
      await expect.poll(() => value('component_status', { component: 'sessions' }), PATIENCE).toBe(2);
      await expect
        .poll(async () => {
          const { observations } = await observe();
          return observations.find(
            ({ signal, labels }) => signal === 'breaker_open_seconds' && labels.breaker === 'redis',
          );
        }, PATIENCE)
        .toMatchObject({
          value: expect.toSatisfy((seconds: number) => seconds > 3),
          detail: expect.stringContaining('ECONNREFUSED'),
        });
      expect(await value('component_status', { component: 'database' })).toBe(0);
      await host.redis?.restart();
      await expect.poll(() => value('component_status', { component: 'sessions' }), PATIENCE).toBe(0);
      await expect.poll(() => value('breaker_open_seconds', { breaker: 'redis' }), PATIENCE).toBe(0);
    });
  });
}

describe.runIf(postgresAvailable)('monitors while PostgreSQL is away', () => {
  it('tell what can be seen without it, in their time, and see it come back', async () => {
    const postgres = await startPostgres({ fsync: 'off' });
    const url = await postgres.createDatabase('archon');
    const server = await startTestServer(systemClock, { 'database.url': url }, 'server');
    const { engine } = server;
    const [sqlite] = SESSION_BACKENDS;
    const sessions = await sqlite?.start();
    if (sessions === undefined) throw new Error('no built-in sessions');
    const data_dir = dirname(engine.services.backups.folder.path);
    const monitors = new Monitors({
      clock: systemClock,
      node: 'here',
      settings: new LiveSettings(defaultConfig(data_dir)),
      sources: {
        ...engine.services,
        database: engine.database,
        sessions: sessions.store,
        has_workers: true,
        data_dir,
        embedded: false,
      },
    });
    await postgres.stop('SIGQUIT');
    await expect
      .poll(async () => {
        const { observations, failed } = await monitors.observe(LOCAL_ORG_ID);
        const status = (component: string) =>
          observations.find(({ signal, labels }) => signal === 'component_status' && labels.component === component)
            ?.value;
        const signals = new Set(observations.map(({ signal }) => signal));
        return {
          database: status('database'),
          sessions: status('sessions'),
          failed,
          disk: signals.has('disk_percent'),
          journal: signals.has('journal_writes'),
          letters: signals.has('dead_letters'),
        };
      }, PATIENCE)
      .toEqual({
        database: 2,
        sessions: 0,
        failed: ['health', 'dlq', 'worker', 'resources'],
        disk: true,
        journal: true,
        letters: false,
      });
    await postgres.restart();
    await expect.poll(async () => (await monitors.observe(LOCAL_ORG_ID)).failed, PATIENCE).toEqual([]);
    await server.stop();
    await sessions.remove();
    await postgres.remove();
  });
});
