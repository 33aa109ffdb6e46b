/** What policies and counting cost: reading a memory with them and within a deadline, beside the same without. */
import { systemClock } from '../src-main/clock.ts';
import type { Scope } from '../src-main/identity/scope.ts';
import { WorkingMemory } from '../src-main/memory/working-memory.ts';
import { Metrics } from '../src-main/observability/metrics/metrics.ts';
import { Recorder } from '../src-main/observability/recorder.ts';
import { type CallPolicy, noPolicy } from '../src-main/resilience/call-policy.ts';
import { withinDeadline } from '../src-main/resilience/deadline.ts';
import { Dependency } from '../src-main/resilience/dependency.ts';
import { policyOf } from '../src-main/resilience/policies.ts';
import { Database } from '../src-main/storage/database.ts';
import { testSettings } from '../tests/support/memory-services.ts';
import { type DatabaseKind, databaseKinds, silentLogger } from '../tests/support/test-databases.ts';
import { measureAgainst, type Row } from './measure.ts';

const MEMORIES = 100;
const READS = 800;
const POOL = 4;

export async function benchResilience(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of databaseKinds) if (kind.available) rows.push(...(await benchReads(kind)));
  return rows;
}

/** On the same connections: only what calls pass through is exchanged. */
async function benchReads(kind: DatabaseKind): Promise<Row[]> {
  const opened = await kind.open();
  const policy = new Dependency({
    ...policyOf('postgres', { database_pool: POOL }),
    settings: () => ({ enabled: true, threshold: 5, reset_seconds: 10 }),
    clock: systemClock,
    onChange: () => {},
  });
  let passes: CallPolicy = noPolicy;
  const database = new Database({
    pool: { ...opened.pool, max: POOL },
    logger: silentLogger,
    statement_timeout_ms: 30_000,
    policy: { run: (call) => passes.run(call), repeat: (attempt) => passes.repeat(attempt) },
  });
  policy.watchWith(() => database.probe());
  const recorder = new Recorder(new Metrics('0.0.0'));
  try {
    const scope = await opened.newScope();
    const memories = memoriesOn(database);
    const ids = await fill(memories, scope);
    const read = (index: number) => memories.get(scope, ids[index % MEMORIES] ?? '');
    const plainly = (index: number) => {
      passes = noPolicy;
      return read(index);
    };
    const guarded = (index: number) => {
      passes = policy;
      return withinDeadline(30_000, () => read(index));
    };
    const measured = async (index: number) => {
      const began_ms = performance.now();
      const memory = await guarded(index);
      recorder.called('working.get', 'success', (performance.now() - began_ms) / 1000);
      return memory;
    };
    const rowOf = async (measure: string, work: (index: number) => Promise<unknown>): Promise<Row> => {
      const { work: figures, floor, ratio } = await measureAgainst(READS, work, plainly);
      const { p50_ms: p50, p95_ms: p95 } = figures;
      return { measure, store: kind.name, p50, p95, floor_p50: floor.p50_ms, ratio, unit: 'ms' };
    };
    return [
      await rowOf('read a memory through the policies (floor: without)', guarded),
      await rowOf('the same, and counted (floor: neither)', measured),
      await rowOf('the floor against itself', plainly),
    ];
  } finally {
    policy.stop();
    await database.close();
    await opened.remove();
  }
}

const memoriesOn = (database: Database): WorkingMemory =>
  new WorkingMemory({ database, clock: systemClock, settings: () => testSettings });

async function fill(memories: WorkingMemory, scope: Scope): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < MEMORIES; n += 1) {
    const content = { text: `The crew sails on day ${n}.` };
    const created = await memories.create(scope, {
      user_id: 'bench',
      memory_type: 'action',
      content,
      metadata: {},
      tags: [],
      relevance_score: 1,
    });
    ids.push(created.id);
  }
  return ids;
}
