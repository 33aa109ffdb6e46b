/** Nodes beside each other: every scheduled run once, every user once, and nothing lost when one of them goes. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WorkerRunEntry } from '../../../src-contract/index.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { slotOf } from '../../../src-main/workers/shards.ts';
import type { RunContext, WorkerDefinition } from '../../../src-main/workers/worker.ts';
import { TestClock } from '../../support/test-clock.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';
import { type TestNodes, testNodes, testWorker, until } from '../../support/worker-nodes.ts';

const HOUR_MS = 3_600_000;
const hourly = { kind: 'interval', seconds: 3600 } as const;

describe.each(databaseKinds.filter(({ available }) => available))('workers on $name', (kind) => {
  let test: TestDatabase;
  let scope: Scope;
  let clock: TestClock;
  let nodes: TestNodes | undefined;
  beforeAll(async () => {
    test = await kind.open();
  });
  afterAll(() => test?.remove());
  beforeEach(async () => {
    scope = await test.newScope();
    clock = new TestClock('2026-03-01T10:00:00.000Z');
  });
  afterEach(() => nodes?.stop());

  const start = (worker: WorkerDefinition, options: { lease_ms?: number } = {}): TestNodes => {
    nodes = testNodes(test, scope, [worker], clock, options);
    return nodes;
  };
  const known = (node: ReturnType<TestNodes['add']>, count: number) =>
    until(
      async () => (await node.workers.nodes(scope)).items.filter(({ status }) => status === 'live').length === count,
      `${count} live nodes`,
    );
  const runs = async (node: ReturnType<TestNodes['add']>): Promise<WorkerRunEntry[]> =>
    (await node.workers.runs(scope, { worker: 'tester', limit: 500 })).items.reverse();
  const settled = (node: ReturnType<TestNodes['add']>, count: number) =>
    until(async () => {
      const all = await runs(node);
      return (
        all.filter(({ ended_at }) => ended_at !== null).length >= count && all.every(({ ended_at }) => ended_at) && all
      );
    }, `${count} runs that are over`);
  const eventsOf = (type: string) =>
    test.database.withScope(scope, (tx) =>
      tx.sql<{ payload: Record<string, unknown> }>(
        'SELECT payload FROM archon_events WHERE org_id = $1 AND type = $2 ORDER BY id',
        [scope.org_id, type],
      ),
    );

  it('makes every scheduled run once, however many nodes there are', async () => {
    let ran = 0;
    const group = start(
      testWorker(async ({ progress }) => {
        ran += 1;
        await progress({ items: 3, changed: 1 });
      }),
    );
    const [first] = [group.add(), group.add(), group.add()];
    await known(first, 3);
    for (let hour = 1; hour <= 6; hour += 1) {
      clock.advance({ ms: HOUR_MS });
      group.poke();
      await settled(first, hour);
    }
    expect(ran).toBe(6);
    const all = await runs(first);
    expect(all).toHaveLength(6);
    expect(
      all.every(
        ({ status, trigger, items, changed }) =>
          status === 'succeeded' && trigger === 'schedule' && items === 3 && changed === 1,
      ),
    ).toBe(true);
    expect(await eventsOf('worker.run.started')).toHaveLength(6);
    expect(await eventsOf('worker.run.succeeded')).toHaveLength(6);
  });

  it('makes up for what it missed once, not for every time', async () => {
    const group = start(testWorker(async () => {}));
    const node = group.add();
    await known(node, 1);
    clock.advance({ days: 3 });
    group.poke();
    await settled(node, 1);
    expect(await runs(node)).toHaveLength(1);
    expect((await node.workers.get(scope, 'tester')).state).toEqual({
      state: 'scheduled',
      next_run_at: new Date(clock.now() + HOUR_MS).toISOString(),
    });
  });

  it('shares the users: each is taken once, by the node it belongs to, and all say which part they had', async () => {
    const users = Array.from({ length: 300 }, (_, at) => `user-${at}`);
    const seen: string[] = [];
    const group = start(
      testWorker(
        async ({ shard, progress }) => {
          const mine = users.filter((user) => shard === null || shard.slots.includes(slotOf(user)));
          seen.push(...mine);
          await progress({ items: mine.length, changed: 0 });
        },
        { spread: 'users' },
      ),
    );
    const node = group.add();
    for (let more = 0; more < 3; more += 1) group.add();
    await known(node, 4);
    clock.advance({ ms: HOUR_MS });
    group.poke();
    const all = await settled(node, 4);
    expect([...seen].sort()).toEqual([...users].sort());
    expect(all.map(({ shard }) => shard).sort()).toEqual(['1/4', '2/4', '3/4', '4/4']);
    expect(new Set(all.map(({ node_id }) => node_id)).size).toBe(4);
    const { items } = await node.workers.nodes(scope);
    expect(items.reduce((sum, { share }) => sum + share, 0)).toBe(1);
  });

  it('keeps fixed parts to their nodes, and says that a part has none', async () => {
    const group = start(testWorker(async () => {}, { spread: 'users' }));
    const node = group.add({ index: 1, of: 2 });
    await known(node, 1);
    const health = await node.workers.health(scope);
    expect(health).toMatchObject({ status: 'degraded', unassigned: 0.5 });
    expect(health.detail).toContain('50 % of the users');
    await node.workers.runNow(scope, 'tester');
    expect((await settled(node, 1)).map(({ shard }) => shard)).toEqual(['1/2']);
    group.add({ index: 2, of: 2 });
    await known(node, 2);
    expect(await node.workers.health(scope)).toMatchObject({ status: 'healthy', unassigned: 0 });
    await node.workers.runNow(scope, 'tester');
    expect((await settled(node, 3)).map(({ shard }) => shard).sort()).toEqual(['1/2', '1/2', '2/2']);
  });

  it('tries a failed run again after longer and longer, from its checkpoint, and forgets it when that succeeds', async () => {
    const begun: unknown[] = [];
    const group = start(
      testWorker(async ({ checkpoint, progress }) => {
        begun.push(checkpoint);
        await progress({ items: 1, changed: 0, checkpoint: { at: begun.length } });
        if (begun.length === 1) throw new Error('the first reason');
        if (begun.length === 2) throw 'no error at all';
      }),
    );
    const node = group.add();
    await known(node, 1);
    await node.workers.runNow(scope, 'tester');
    await until(async () => begun.length === 1, 'the first run');
    const backing = await until(async () => {
      const { state } = await node.workers.get(scope, 'tester');
      return state.state === 'backing_off' && state;
    }, 'the back-off');
    expect(backing).toEqual({
      state: 'backing_off',
      until: new Date(clock.now() + 1000).toISOString(),
      failures: 1,
      error: 'the first reason',
    });
    expect(await node.workers.health(scope)).toMatchObject({ status: 'degraded' });
    clock.advance({ ms: 1000 });
    group.poke();
    await until(async () => {
      const { state } = await node.workers.get(scope, 'tester');
      return state.state === 'backing_off' && state.failures === 2 && state.error === 'no error at all';
    }, 'the second back-off');
    clock.advance({ ms: 1999 });
    group.poke();
    expect(begun).toHaveLength(2);
    clock.advance({ ms: 1 });
    group.poke();
    const all = await settled(node, 3);
    expect(begun).toEqual([null, { at: 1 }, { at: 2 }]);
    expect(all.map(({ status, trigger, attempt }) => [status, trigger, attempt])).toEqual([
      ['failed', 'manual', 1],
      ['failed', 'retry', 2],
      ['succeeded', 'retry', 3],
    ]);
    expect(await node.workers.get(scope, 'tester')).toMatchObject({
      state: { state: 'scheduled' },
      counts: { runs: 3, failures: 2, failures_in_a_row: 0, crashes: 0 },
    });
    expect((await eventsOf('worker.run.failed')).map(({ payload }) => payload.error)).toEqual([
      'the first reason',
      'no error at all',
    ]);
  });

  it('takes a worker out of service after ten failures, gives it a chance at its next time, and takes it back', async () => {
    let works = false;
    let ran = 0;
    const group = start(
      testWorker(async () => {
        ran += 1;
        if (!works) throw new Error('broken');
      }),
    );
    const node = group.add();
    await known(node, 1);
    const stateIs = (wanted: string) =>
      until(async () => {
        const { state } = await node.workers.get(scope, 'tester');
        return state.state === wanted && state;
      }, wanted);
    await node.workers.runNow(scope, 'tester');
    for (let failures = 1; failures < 10; failures += 1) {
      await until(async () => {
        const { state } = await node.workers.get(scope, 'tester');
        return state.state === 'backing_off' && state.failures === failures;
      }, `failure ${failures}`);
      clock.advance({ ms: 300_000 });
      group.poke();
    }
    expect(await stateIs('crashed')).toMatchObject({ failures: 10, error: 'broken' });
    expect(await node.workers.health(scope)).toMatchObject({ status: 'unhealthy' });
    const before = ran;
    clock.advance({ ms: HOUR_MS });
    group.poke();
    await until(async () => ran === before + 1, 'the chance at the next time');
    expect(await stateIs('crashed')).toMatchObject({ failures: 11 });
    works = true;
    clock.advance({ ms: HOUR_MS });
    group.poke();
    await stateIs('scheduled');
    const changes = await eventsOf('worker.state.changed');
    expect(changes.map(({ payload }) => [payload.from, payload.to])).toEqual([
      ['in_service', 'crashed'],
      ['crashed', 'in_service'],
    ]);
  });

  it('cancels a run that makes no progress, counts it as a crash, and lets nothing it writes later count', async () => {
    let context: RunContext | undefined;
    const hang = Promise.withResolvers<void>();
    const group = start(
      testWorker(
        async (given) => {
          if (context !== undefined) return;
          context = given;
          // It does not heed its signal.
          await hang.promise;
        },
        { timeout_ms: 40 },
      ),
    );
    const node = group.add();
    await known(node, 1);
    await node.workers.runNow(scope, 'tester');
    await until(async () => (await node.workers.get(scope, 'tester')).counts.crashes === 1, 'the crash');
    clock.advance({ ms: 1000 });
    group.poke();
    const all = await settled(node, 2);
    expect(all.map(({ status }) => status)).toEqual(['timed_out', 'succeeded']);
    expect(all[0]?.error).toContain('no progress');
    await expect(context?.progress({ items: 100, changed: 100 })).rejects.toThrow();
    hang.resolve();
    expect((await runs(node))[0]).toMatchObject({ items: 0, changed: 0 });
  });

  it('rolls back the step of a run that was cancelled while it wrote', async () => {
    const inside = Promise.withResolvers<void>();
    const stay = Promise.withResolvers<void>();
    const outcome = Promise.withResolvers<unknown>();
    const group = start(
      testWorker(async ({ batch }) => {
        await batch(async () => ({ items: 1, changed: 1 }));
        inside.resolve();
        await stay.promise;
        // Past the signal, as a step is that began a moment before the end.
        const step = batch(async (tx) => {
          await tx.sql(`INSERT INTO archon_settings (org_id, key, value, updated_at) VALUES ($1, 'step', '1', now())`, [
            scope.org_id,
          ]);
          return { items: 1, changed: 1 };
        });
        await step.then(outcome.resolve, outcome.resolve);
        await step;
      }),
    );
    // Nobody tells the node: the row alone stops it.
    const node = group.add();
    await known(node, 1);
    await node.workers.runNow(scope, 'tester');
    await inside.promise;
    await test.database.withScope(scope, (tx) =>
      tx.sql(
        `UPDATE archon_worker_runs SET status = 'cancelled', ended_at = now() WHERE org_id = $1 AND status = 'running'`,
        [scope.org_id],
      ),
    );
    stay.resolve();
    expect(await outcome.promise).toMatchObject({ name: 'RunLostError' });
    const settings = await test.database.withScope(scope, (tx) => tx.sql('SELECT key FROM archon_settings'));
    expect(settings).toEqual([]);
    expect((await runs(node))[0]).toMatchObject({ status: 'cancelled', items: 1, changed: 1 });
  });

  it('gives a run back when its node stops; another goes on where it was, without doing anything twice', async () => {
    const done: number[] = [];
    const half = Promise.withResolvers<void>();
    const group = start(
      testWorker(async ({ checkpoint, batch, signal }) => {
        for (let at = Number(checkpoint?.at ?? 0); at < 10; at += 1) {
          await batch(async () => {
            done.push(at);
            return { items: 1, changed: 1, checkpoint: { at: at + 1 } };
          });
          if (at !== 4) continue;
          half.resolve();
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        }
      }),
    );
    const first = group.add();
    await known(first, 1);
    await first.workers.runNow(scope, 'tester');
    await half.promise;
    await first.supervisor.stop();
    const second = group.add();
    const all = await settled(second, 2);
    expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(all.map(({ status, attempt, items }) => [status, attempt, items])).toEqual([
      ['interrupted', 1, 5],
      ['succeeded', 1, 5],
    ]);
    expect(all[1]?.resumes).toBe(all[0]?.run_id);
    expect(await second.workers.get(scope, 'tester')).toMatchObject({ counts: { failures: 0, crashes: 0 } });
  });

  it('waits while it is paused, but runs by hand; resumed, it goes back to its schedule', async () => {
    let ran = 0;
    const group = start(
      testWorker(async () => {
        ran += 1;
      }),
    );
    const node = group.add();
    await known(node, 1);
    expect((await node.workers.pause(scope, 'tester')).state).toMatchObject({ state: 'paused', by: 'test' });
    clock.advance({ days: 1 });
    group.poke();
    await node.workers.runNow(scope, 'tester');
    await settled(node, 1);
    expect(ran).toBe(1);
    expect((await node.workers.resume(scope, 'tester')).state).toMatchObject({
      state: 'scheduled',
      next_run_at: new Date(clock.now() + HOUR_MS).toISOString(),
    });
    clock.advance({ ms: HOUR_MS });
    group.poke();
    await settled(node, 2);
    expect((await eventsOf('worker.state.changed')).map(({ payload }) => payload.to)).toEqual(['paused', 'in_service']);
  });

  it('refuses a second run by hand, cancels, and restarts', async () => {
    const begun: RunContext[] = [];
    const group = start(
      testWorker(async (context) => {
        begun.push(context);
        if (begun.length < 3) await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      }),
    );
    const node = group.add();
    await known(node, 1);
    await node.workers.runNow(scope, 'tester');
    await until(async () => begun.length === 1, 'the run');
    await expect(node.workers.runNow(scope, 'tester')).rejects.toMatchObject({ code: 'CONFLICT' });
    await node.workers.cancel(scope, 'tester');
    await until(async () => begun[0]?.signal.aborted, 'the end of the run');
    await node.workers.runNow(scope, 'tester');
    await until(async () => begun.length === 2, 'the second run');
    await node.workers.restart(scope, 'tester');
    await until(async () => begun[1]?.signal.aborted, 'the end of the second run');
    const all = await settled(node, 3);
    expect(all.map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'succeeded']);
  });

  it('takes another schedule while it runs, and the one of the configuration again', async () => {
    const group = start(testWorker(async () => {}));
    const node = group.add();
    await known(node, 1);
    const cron = { kind: 'cron', expression: '0 3 * * *', time_zone: 'Europe/Berlin' } as const;
    expect(await node.workers.setSchedule(scope, { worker: 'tester', schedule: cron })).toMatchObject({
      schedule: cron,
      schedule_source: 'operator',
      default_schedule: hourly,
      next_run_at: '2026-03-02T02:00:00.000Z',
    });
    const wrong = { ...cron, expression: '99 * * * *' };
    await expect(node.workers.setSchedule(scope, { worker: 'tester', schedule: wrong })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    expect(await node.workers.setSchedule(scope, { worker: 'tester', schedule: null })).toMatchObject({
      schedule: hourly,
      schedule_source: 'default',
      next_run_at: '2026-03-01T11:00:00.000Z',
    });
  });

  it('ends what a silent node was at and has another take it up', async () => {
    // Lives as long as nobody says otherwise, and says nothing: as after kill -9.
    const silent = { node_id: 'silent', run_id: '01890000-0000-7000-8000-000000000001' };
    const resumed: unknown[] = [];
    const group = start(
      testWorker(async ({ checkpoint }) => {
        resumed.push(checkpoint);
      }),
      { lease_ms: 300 },
    );
    const node = group.add();
    await known(node, 1);
    await test.database.withScope(scope, async (tx) => {
      await tx.sql(
        `INSERT INTO archon_worker_nodes (org_id, node_id, name, kind, workers, started_at, heartbeat_at, lease_until)
         VALUES ($1, 'silent', 'silent', 'worker', '{tester}', now(), now(), clock_timestamp() + interval '300 ms')`,
        [scope.org_id],
      );
      await tx.sql(
        `INSERT INTO archon_worker_runs (org_id, run_id, worker, trigger, status, attempt, not_before, pinned, node_id,
           node_name, lease_until, checkpoint, items, queued_at, started_at)
         VALUES ($1, $2, 'tester', 'schedule', 'running', 1, $3, false, 'silent', 'silent',
           clock_timestamp() + interval '300 ms', '{"at": 7}', 7, $3, $3)`,
        [scope.org_id, silent.run_id, new Date(clock.now()).toISOString()],
      );
    });
    const all = await settled(node, 2);
    expect(resumed).toEqual([{ at: 7 }]);
    expect(all.map(({ status, node_id, resumes }) => [status, node_id, resumes])).toEqual([
      ['interrupted', 'silent', null],
      ['succeeded', node.node_id, silent.run_id],
    ]);
    expect(await node.workers.get(scope, 'tester')).toMatchObject({ counts: { crashes: 1, failures_in_a_row: 0 } });
    expect(await eventsOf('worker.run.failed')).toMatchObject([{ payload: { outcome: 'crashed' } }]);
  });
});
