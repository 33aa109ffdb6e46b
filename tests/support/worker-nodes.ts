/** Nodes that run workers of a test, all in this process, on one database. */
import { setTimeout as wait } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import type { WorkerRunEntry } from '../../src-contract/index.ts';
import type { Clock } from '../../src-main/clock.ts';
import type { Scope } from '../../src-main/identity/scope.ts';
import { type FixedShard, shardLabel } from '../../src-main/workers/shards.ts';
import { Supervisor, type SupervisorDeps } from '../../src-main/workers/supervisor.ts';
import type { WorkerDefinition } from '../../src-main/workers/worker.ts';
import { WorkerStore } from '../../src-main/workers/worker-store.ts';
import { Workers } from '../../src-main/workers/workers.ts';
import { silentLogger, type TestDatabase } from './test-databases.ts';

export interface TestNode {
  node_id: string;
  workers: Workers;
  supervisor: Supervisor;
}

export interface TestNodes {
  add(shard?: FixedShard): TestNode;
  /** Every node looks now. */
  poke(): void;
  stop(): Promise<void>;
}

export interface TestNodesOptions {
  lease_ms?: number;
  /** One that loses answers, or hangs. */
  Store?: typeof WorkerStore;
  supervisor?: Partial<SupervisorDeps>;
}

/** A worker that runs by the hour, and does what the test says. */
export const testWorker = (run: WorkerDefinition['run'], more: Partial<WorkerDefinition> = {}): WorkerDefinition => ({
  name: 'tester',
  title: 'Tester',
  description: 'Runs in tests.',
  spread: 'once',
  schedule: () => ({ kind: 'interval', seconds: 3600 }),
  timeout_ms: 60_000,
  run,
  ...more,
});

export function testNodes(
  test: TestDatabase,
  scope: Scope,
  definitions: readonly WorkerDefinition[],
  clock: Clock,
  { lease_ms = 60_000, Store = WorkerStore, supervisor: more = {} }: TestNodesOptions = {},
): TestNodes {
  const nodes: TestNode[] = [];
  return {
    add: (shard) => {
      const store = new Store({ database: test.database, clock, lease_ms: () => lease_ms });
      const node_id = uuidv7();
      const supervisor = new Supervisor({
        store,
        definitions,
        node: { node_id, name: `test-${nodes.length}`, kind: 'worker', shard: shard ? shardLabel(shard) : null },
        organisations: () => [scope.org_id],
        ensureOrganisation: async () => {},
        alone: false,
        lease_ms: () => lease_ms,
        concurrency: () => 4,
        clock,
        logger: silentLogger,
        ...more,
      });
      const poke = () => {
        for (const node of nodes) node.supervisor.poke();
      };
      const workers = new Workers({ database: test.database, store, definitions, clock, poke });
      const node = { node_id, workers, supervisor };
      nodes.push(node);
      supervisor.start();
      return node;
    },
    poke: () => {
      for (const { supervisor } of nodes) supervisor.poke();
    },
    stop: async () => {
      await Promise.all(nodes.map(({ supervisor }) => supervisor.stop()));
    },
  };
}

/** Waits for something to be so; what it asks for tells when it never is. */
export async function until<T>(ask: () => Promise<T | undefined | false>, what: string, limit_ms = 60_000): Promise<T> {
  const deadline = performance.now() + limit_ms;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`never came: ${what}`);
    await wait(15);
  }
}

/** Runs one worker to its end, on a node of its own; the run as the log has it. */
export async function runOnce(
  test: TestDatabase,
  scope: Scope,
  definition: WorkerDefinition,
  clock: Clock,
): Promise<WorkerRunEntry> {
  const nodes = testNodes(test, scope, [definition], clock);
  try {
    const { workers, node_id } = nodes.add();
    const { name: worker } = definition;
    await until(async () => (await workers.get(scope, worker)).nodes.includes(node_id), 'the node');
    await workers.runNow(scope, worker);
    return await until(async () => {
      const { items } = await workers.runs(scope, { worker, limit: 1 });
      return items[0]?.ended_at ? items[0] : undefined;
    }, `the end of ${worker}`);
  } finally {
    await nodes.stop();
  }
}
