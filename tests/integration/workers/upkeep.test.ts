/** What has run out is removed, all of it, and nothing else; logs stay bounded. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Organisations } from '../../../src-main/identity/organisations.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { forgetOldKeys } from '../../../src-main/memory/idempotency.ts';
import { eventRetryWorker } from '../../../src-main/workers/event-retry.ts';
import { type CleanupDeps, cleanupWorker } from '../../../src-main/workers/upkeep/cleanup.ts';
import { retentionWorker } from '../../../src-main/workers/upkeep/retention.ts';
import { sessionCleanupWorker } from '../../../src-main/workers/upkeep/session-cleanup.ts';
import type { WorkerDefinition } from '../../../src-main/workers/worker.ts';
import { type MemoryServices, memoryServices } from '../../support/memory-services.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';
import { runOnce } from '../../support/worker-nodes.ts';

const HOUR_MS = 3_600_000;
const schedule = () => ({ kind: 'manual' }) as const;

describe.each(databaseKinds.filter(({ available }) => available))('upkeep on $name', (kind) => {
  let test: TestDatabase;
  let services: MemoryServices;
  let scope: Scope;
  beforeAll(async () => {
    test = await kind.open();
    services = memoryServices(test.database);
  });
  afterAll(async () => {
    await services?.close();
    await test?.remove();
  });
  beforeEach(async () => {
    scope = await test.newScope();
  });

  const run = async (worker: WorkerDefinition, as = scope) => {
    const ended = await runOnce(test, as, worker, services.clock);
    expect(ended).toMatchObject({ status: 'succeeded', error: null });
    return ended;
  };
  const cleanup = (more: Partial<CleanupDeps> = {}) =>
    cleanupWorker({
      schedule,
      kept: () => ({ expired_days: 30, tombstone_days: 30, events_days: 90 }),
      eventsNeededFrom: async () => null,
      ...more,
    });
  const count = async (table: string, as = scope) => {
    const [row] = await test.database.withScope(as, (tx) =>
      tx.sql<{ count: number }>(`SELECT count(*) AS count FROM ${table}`),
    );
    return row?.count;
  };
  const addKeys = (to: Scope, number: number, age_hours: number) =>
    test.database.withScope(to, (tx) =>
      tx.sql(
        `INSERT INTO archon_idempotency_keys (org_id, key, operation, request_sha256, created_at)
         SELECT $1::uuid, $2 || '-' || n, 'test', 'x', $3::timestamptz FROM generate_series(1, $4::int) AS n`,
        [to.org_id, age_hours, new Date(services.clock.now() - age_hours * HOUR_MS).toISOString(), number],
      ),
    );

  it('removes every idempotency key older than a day, and those of others not', async () => {
    const strangers = await test.newScope();
    await addKeys(scope, 1203, 25);
    await addKeys(scope, 3, 23);
    await addKeys(strangers, 2, 48);
    expect(await run(cleanup())).toMatchObject({ changed: 1203 });
    expect([await count('archon_idempotency_keys'), await count('archon_idempotency_keys', strangers)]).toEqual([3, 2]);
  });

  it('keeps a key that is claimed again while its removal waits for it', async () => {
    await addKeys(scope, 1, 25);
    // As somebody else would: the transaction below refuses a second one of its own.
    const outside = AsyncLocalStorage.snapshot();
    let removed: Promise<number> | undefined;
    await test.database.withScope(scope, async (tx) => {
      await tx.sql('UPDATE archon_idempotency_keys SET created_at = $1', [
        new Date(services.clock.now()).toISOString(),
      ]);
      removed = outside(() =>
        test.database.withScope(scope, (other) => forgetOldKeys(other, scope, services.clock.now(), 10)),
      );
      // On the embedded database it waits for the whole transaction, on a server for the row.
      const waiting = () =>
        tx.sql<{ waiting: boolean }>('SELECT count(*) > 0 AS waiting FROM pg_locks WHERE NOT granted');
      while (kind.name === 'PostgreSQL' && !(await waiting())[0]?.waiting);
    });
    expect(await removed).toBe(0);
    expect(await count('archon_idempotency_keys')).toBe(1);
  });

  it('removes what was deleted or has expired long enough ago, with its revisions and links', async () => {
    const working = async () =>
      (
        await services.working.create(scope, {
          user_id: 'u',
          memory_type: 'action',
          content: { text: 'a' },
          ttl_days: 7,
        })
      ).id;
    const longterm = async () =>
      (await services.longterm.create(scope, { user_id: 'u', memory_type: 'fact', content: { text: 'b' } })).id;
    const [expires, deleted, forgotten, kept] = [await working(), await working(), await longterm(), await longterm()];
    await services.memories.link(scope, { from_id: forgotten, to_id: kept, relation: 'supports' });
    await services.memories.link(scope, { from_id: kept, to_id: deleted, relation: 'relates_to' });
    await services.working.delete(scope, { id: deleted });
    await services.longterm.delete(scope, { id: forgotten });
    services.clock.advance({ days: 29 });
    expect(await run(cleanup())).toMatchObject({ changed: 0 });
    // The deleted ones are over after 30 days, the expired one after 7 more.
    services.clock.advance({ days: 2 });
    expect(await run(cleanup())).toMatchObject({ changed: 2 });
    const ids = await test.database.withScope(scope, (tx) =>
      tx.sql<{ id: string }>('SELECT id FROM archon_working_memory UNION SELECT id FROM archon_longterm_memory'),
    );
    expect(ids.map(({ id }) => id).sort()).toEqual([expires, kept].sort());
    expect([await count('archon_memory_revisions'), await count('archon_memory_links')]).toEqual([0, 0]);
    services.clock.advance({ days: 7 });
    expect(await run(cleanup())).toMatchObject({ changed: 1 });
    expect(await run(cleanup())).toMatchObject({ changed: 0 });
  });

  it('forgets old events from the beginning, but none that somebody still needs', async () => {
    const record = (number: number, age_days: number) =>
      test.database.withScope(scope, (tx) =>
        tx.sql<{ id: number }>(
          `INSERT INTO archon_events (org_id, type, actor, payload, created_at)
           SELECT $1, 'settings.changed', 'test', '{"keys": []}', $2::timestamptz FROM generate_series(1, $3::int) RETURNING id`,
          [scope.org_id, new Date(services.clock.now() - age_days * 24 * HOUR_MS).toISOString(), number],
        ),
      );
    const old = await record(1200, 91);
    await record(5, 89);
    const ids = old.map(({ id }) => Number(id)).sort((a, b) => a - b);
    const left = async () => {
      const rows = await test.database.withScope(scope, (tx) =>
        tx.sql<{ id: number }>(`SELECT id FROM archon_events WHERE type = 'settings.changed' ORDER BY id`),
      );
      return rows.length;
    };
    const needed = ids[1100] as number;
    await run(cleanup({ eventsNeededFrom: async () => needed }));
    expect(await left()).toBe(105);
    await run(cleanup());
    expect(await left()).toBe(5);
  });

  it('removes every expired session and leaves the live ones', async () => {
    const local = { org_id: LOCAL_ORG_ID, actor: 'test' };
    await new Organisations(test.database).ensure(local);
    for (let at = 0; at < 600; at += 1) {
      await services.sessions.create(local, { session_id: `s-${at}`, user_id: 'ada', messages: [] });
    }
    services.clock.advance({ minutes: 120 });
    await services.sessions.create(local, { session_id: 'live', user_id: 'ada', messages: [] });
    const worker = sessionCleanupWorker({ sessions: services.sessionStore, schedule });
    await run(worker, local);
    expect(await services.sessionStore.sweep(services.clock.now(), 5000)).toBe(0);
    expect(await services.sessions.get(local, { session_id: 'live', message_limit: 1 })).toBeDefined();
  });

  it('keeps the last runs of each worker, forgets nodes long gone, and prunes what it was handed', async () => {
    await test.database.withScope(scope, async (tx) => {
      await tx.sql(
        `INSERT INTO archon_worker_runs (org_id, run_id, worker, trigger, status, attempt, not_before, pinned, queued_at, started_at, ended_at)
         SELECT $1, gen_random_uuid(), name, 'schedule', 'succeeded', 1, now(), false, at, at, at
         FROM unnest('{one,two}'::text[]) AS name, generate_series(now() - interval '700 minutes', now(), interval '1 minute') AS at`,
        [scope.org_id],
      );
      await tx.sql(
        `INSERT INTO archon_worker_nodes (org_id, node_id, name, kind, workers, started_at, heartbeat_at, lease_until)
         VALUES ($1, 'old', 'old', 'worker', '{}', now(), now(), now() - interval '25 hours'),
           ($1, 'lost', 'lost', 'worker', '{}', now(), now(), now() - interval '1 hour')`,
        [scope.org_id],
      );
    });
    const pruned = [500, 500, 7];
    const retained = [{ prune: async () => pruned.shift() ?? 0 }];
    await run(retentionWorker({ schedule, runs_kept: () => 50, retained }));
    const left = await test.database.withScope(scope, (tx) =>
      tx.sql<{ worker: string; count: number; oldest_minutes: number }>(
        `SELECT worker, count(*) AS count, round(extract(epoch FROM now() - min(ended_at)) / 60)::int AS oldest_minutes
         FROM archon_worker_runs WHERE worker <> 'retention' GROUP BY worker ORDER BY worker`,
      ),
    );
    expect(left).toMatchObject([
      { worker: 'one', count: 50 },
      { worker: 'two', count: 50 },
    ]);
    for (const { oldest_minutes } of left) expect(oldest_minutes).toBeLessThan(60);
    expect(pruned).toEqual([]);
    const nodes = await test.database.withScope(scope, (tx) =>
      tx.sql<{ node_id: string }>('SELECT node_id FROM archon_worker_nodes'),
    );
    expect(nodes.map(({ node_id }) => node_id)).toEqual(['lost']);
  });

  it('begins retries until none is due', async () => {
    const due = [
      { items: 2, changed: 2 },
      { items: 1, changed: 0 },
    ];
    const retries = { retryDue: async () => due.shift() ?? { items: 0, changed: 0 } };
    expect(await run(eventRetryWorker({ retries, schedule }))).toMatchObject({ items: 3, changed: 2 });
  });

  it('lets nobody remove events of another organisation', async () => {
    const stranger = await test.newScope();
    await test.database.withScope(stranger, (tx) =>
      tx.sql(`INSERT INTO archon_events (org_id, type, actor, payload) VALUES ($1, 'settings.changed', $2, '{}')`, [
        stranger.org_id,
        uuidv7(),
      ]),
    );
    const [row] = await test.database.withScope(scope, (tx) =>
      tx.sql<{ forgotten: number }>(`SELECT archon_forget_events('infinity', NULL, 1000000) AS forgotten`),
    );
    expect(row?.forgotten).toBe(0);
    expect(await count('archon_events', stranger)).toBe(1);
  });
});
