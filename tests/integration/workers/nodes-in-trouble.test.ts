/** What happens to nodes: answers are lost, machines sleep, databases hang, one organisation is broken. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Scope } from '../../../src-main/identity/scope.ts';
import type { Board, BoardRules } from '../../../src-main/workers/board.ts';
import type { WorkerDefinition } from '../../../src-main/workers/worker.ts';
import { WorkerStore } from '../../../src-main/workers/worker-store.ts';
import { TestClock } from '../../support/test-clock.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';
import {
  type TestNode,
  type TestNodes,
  type TestNodesOptions,
  testNodes,
  testWorker,
  until,
} from '../../support/worker-nodes.ts';

const HOUR_MS = 3_600_000;

describe.each(databaseKinds.filter(({ available }) => available))('nodes in trouble on $name', (kind) => {
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

  const start = (workers: readonly WorkerDefinition[], options: TestNodesOptions = {}): TestNodes => {
    nodes = testNodes(test, scope, workers, clock, options);
    return nodes;
  };
  const known = ({ workers, node_id }: TestNode, as = scope) =>
    until(async () => (await workers.nodes(as)).items.some((node) => node.node_id === node_id), 'the node');
  const runs = async ({ workers }: TestNode, as = scope, worker = 'tester') =>
    (await workers.runs(as, { worker, limit: 500 })).items.reverse();
  const settled = (node: TestNode, count: number, as = scope, worker = 'tester') =>
    until(async () => {
      const all = await runs(node, as, worker);
      return all.length >= count && all.every(({ ended_at }) => ended_at) && all;
    }, `${count} runs that are over`);

  it('a run whose beginning was written, though its node was not told so, is given back and made', async () => {
    let losses = 0;
    class Lossy extends WorkerStore {
      override async change<T>(of: Scope, worker: string, rules: BoardRules, change: (board: Board) => T) {
        const result = await super.change(of, worker, rules, change);
        if (losses > 0 || !Array.isArray(result) || result.length === 0) return result;
        losses += 1;
        throw new Error('the answer was lost after the commit');
      }
    }
    const group = start([testWorker(async () => {})], { Store: Lossy });
    const node = group.add();
    await known(node);
    await node.workers.runNow(scope, 'tester');
    const poking = setInterval(() => group.poke(), 50);
    const all = await settled(node, 2).finally(() => clearInterval(poking));
    expect(losses).toBe(1);
    expect(all.map(({ status, resumes }) => [status, resumes])).toEqual([
      ['interrupted', null],
      ['succeeded', all[0]?.run_id],
    ]);
    expect(await node.workers.get(scope, 'tester')).toMatchObject({ counts: { crashes: 0 } });
  });

  it('the end of a run is written when the database is back, however long it was away', async () => {
    let away = false;
    let refused = 0;
    class Away extends WorkerStore {
      override async change<T>(of: Scope, worker: string, rules: BoardRules, change: (board: Board) => T) {
        if (away) {
          refused += 1;
          throw new Error('the database is away');
        }
        return await super.change(of, worker, rules, change);
      }
    }
    const group = start(
      [
        testWorker(async () => {
          away = true;
        }),
      ],
      { Store: Away },
    );
    const node = group.add();
    await known(node);
    await node.workers.runNow(scope, 'tester');
    await until(async () => refused > 6, 'six attempts in vain');
    away = false;
    expect((await settled(node, 1)).map(({ status }) => status)).toEqual(['succeeded']);
  });

  /** As for a laptop whose lid was closed: the clocks of the computer and of its database went on, nothing else did. */
  const sleep = async (ms: number) => {
    await test.database.withScope(scope, (tx) =>
      Promise.all(
        ['archon_worker_nodes', 'archon_worker_runs'].map((table) =>
          tx.sql(`UPDATE ${table} SET lease_until = lease_until - make_interval(secs => $1::float8 / 1000)`, [ms]),
        ),
      ),
    );
    clock.advance({ ms });
  };

  it.each(['once', 'each_node', 'users'] as const)(
    'a node that slept for eight hours makes one run for all the times it missed: %s',
    async (spread) => {
      let ran = 0;
      const group = start([
        testWorker(
          async () => {
            ran += 1;
          },
          { spread, schedule: () => ({ kind: 'interval', seconds: 300 }) },
        ),
      ]);
      const node = group.add();
      await known(node);
      await sleep(8 * HOUR_MS);
      group.poke();
      const all = await settled(node, 1);
      expect(all.map(({ status, trigger }) => [status, trigger])).toEqual([['succeeded', 'schedule']]);
      group.poke();
      await until(async () => (await node.workers.health(scope)).status === 'healthy', 'health');
      expect(ran).toBe(1);
    },
  );

  it('a run in the middle of which its node slept goes on: nothing crashed', async () => {
    const begun = Promise.withResolvers<void>();
    const awake = Promise.withResolvers<void>();
    const group = start([
      testWorker(async ({ progress }) => {
        await progress({ items: 1, changed: 0 });
        begun.resolve();
        await awake.promise;
        await progress({ items: 1, changed: 0 });
      }),
    ]);
    const node = group.add();
    await known(node);
    await node.workers.runNow(scope, 'tester');
    await begun.promise;
    await sleep(8 * HOUR_MS);
    group.poke();
    const live = async () => (await node.workers.nodes(scope)).items[0]?.status === 'live';
    await until(live, 'the node is live again');
    awake.resolve();
    expect(await settled(node, 1)).toMatchObject([{ status: 'succeeded', items: 2 }]);
    expect(await node.workers.get(scope, 'tester')).toMatchObject({ counts: { crashes: 0, failures: 0 } });
  });

  it('an organisation that cannot be looked after does not keep the others from it', async () => {
    const broken = { org_id: '00000000-0000-7000-8000-00000000dead', actor: 'test' };
    const group = start([testWorker(async () => {})], {
      supervisor: {
        organisations: () => [broken.org_id, scope.org_id],
        ensureOrganisation: async ({ org_id }) => {
          if (org_id === broken.org_id) throw new Error('no such organisation');
        },
      },
    });
    const node = group.add();
    await known(node);
    await node.workers.runNow(scope, 'tester');
    expect(await settled(node, 1)).toMatchObject([{ status: 'succeeded' }]);
  });

  it('a worker whose schedule this node cannot read does not keep the others from theirs', async () => {
    const group = start([testWorker(async () => {}, { name: 'broken' }), testWorker(async () => {})]);
    const node = group.add();
    await known(node);
    await node.workers.pause(scope, 'broken');
    const mars = JSON.stringify({ kind: 'cron', expression: '0 3 * * *', time_zone: 'Mars/Olympus' });
    await test.database.withScope(scope, (tx) =>
      tx.sql(
        `UPDATE archon_workers SET schedule = $2, planned_by = $2, next_run_at = '2026-01-01', condition = '{"kind": "in_service"}'
         WHERE org_id = $1 AND name = 'broken'`,
        [scope.org_id, mars],
      ),
    );
    clock.advance({ ms: HOUR_MS });
    group.poke();
    expect(await settled(node, 1)).toMatchObject([{ status: 'succeeded' }]);
    const { workers } = await node.workers.health(scope);
    expect(workers.find(({ name }) => name === 'broken')).toMatchObject({ status: 'degraded' });
  });

  it('a node told to stop stops, also when the database does not answer', async () => {
    let hangs = false;
    const begun = Promise.withResolvers<void>();
    class Hanging extends WorkerStore {
      override async change<T>(of: Scope, worker: string, rules: BoardRules, change: (board: Board) => T) {
        if (hangs) await new Promise(() => {});
        return await super.change(of, worker, rules, change);
      }
      override async leave(of: Scope, node_id: string) {
        if (hangs) await new Promise(() => {});
        await super.leave(of, node_id);
      }
    }
    let told = false;
    const group = start(
      [
        testWorker(async ({ signal }) => {
          begun.resolve();
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          told = true;
        }),
      ],
      { Store: Hanging, supervisor: { drain_ms: 200 } },
    );
    const node = group.add();
    await known(node);
    await node.workers.runNow(scope, 'tester');
    await begun.promise;
    hangs = true;
    await node.supervisor.stop();
    expect(told).toBe(true);
    hangs = false;
  });

  it('says what is wrong when nobody is there for a worker', async () => {
    const each = testWorker(async () => {}, { name: 'elsewhere', spread: 'each_node' });
    const group = start([testWorker(async () => {})]);
    const node = group.add();
    await known(node);
    // A server that knows a worker which the only node has not.
    const server = testNodes(test, scope, [testWorker(async () => {}), each], clock);
    const { workers, supervisor } = server.add();
    await supervisor.stop();
    await expect(workers.runNow(scope, 'elsewhere')).rejects.toThrow(/no live node/i);
    const health = await workers.health(scope);
    expect(health).toMatchObject({ status: 'degraded' });
    expect(health.workers.find(({ name }) => name === 'elsewhere')?.detail).toMatch(/no live node/i);
    expect(health.workers.find(({ name }) => name === 'tester')).toMatchObject({ status: 'healthy' });
  });

  it('says that a worker is late', async () => {
    const group = start([testWorker(async () => {})]);
    const node = group.add();
    await known(node);
    await node.supervisor.stop();
    nodes = undefined;
    // Lives, but does not look.
    await test.database.withScope(scope, (tx) =>
      tx.sql(
        `INSERT INTO archon_worker_nodes (org_id, node_id, name, kind, workers, started_at, heartbeat_at, lease_until)
         VALUES ($1, 'stuck', 'stuck', 'worker', '{tester}', now(), now(), clock_timestamp() + interval '1 hour')`,
        [scope.org_id],
      ),
    );
    expect(await node.workers.health(scope)).toMatchObject({ status: 'healthy' });
    clock.advance({ ms: 2 * HOUR_MS });
    const health = await node.workers.health(scope);
    expect(health.workers).toMatchObject([{ status: 'degraded', detail: expect.stringContaining('late') }]);
  });
});
