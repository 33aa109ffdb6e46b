/** What policies cost: reading a memory through them and within a deadline, beside the same without. */
import { systemClock } from '../src-main/clock.ts';
import type { Scope } from '../src-main/identity/scope.ts';
import { WorkingMemory } from '../src-main/memory/working-memory.ts';
import { withinDeadline } from '../src-main/resilience/deadline.ts';
import { Dependency } from '../src-main/resilience/dependency.ts';
import { policyOf } from '../src-main/resilience/policies.ts';
import { Database } from '../src-main/storage/database.ts';
import { testSettings } from '../tests/support/memory-services.ts';
import { type DatabaseKind, databaseKinds, silentLogger } from '../tests/support/test-databases.ts';
import { measureAgainst, type Row } from './measure.ts';

const MEMORIES = 100;
const READS = 400;
const POOL = 4;

export async function benchResilience(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of databaseKinds) if (kind.available) rows.push(await benchReads(kind));
  return rows;
}

async function benchReads(kind: DatabaseKind): Promise<Row> {
  const opened = await kind.open();
  const policy = new Dependency({
    ...policyOf('postgres', { database_pool: POOL }),
    settings: () => ({ enabled: true, threshold: 5, reset_seconds: 10 }),
    clock: systemClock,
    onChange: () => {},
  });
  const guarded = new Database({
    pool: { ...opened.pool, max: POOL },
    logger: silentLogger,
    statement_timeout_ms: 30_000,
    policy,
  });
  policy.watchWith(() => guarded.probe());
  try {
    const scope = await opened.newScope();
    const plainly = memoriesOn(opened.database);
    const ids = await fill(plainly, scope);
    const id = (index: number) => ids[index % MEMORIES] ?? '';
    const watched = memoriesOn(guarded);
    const { work, floor, ratio } = await measureAgainst(
      READS,
      (index) => withinDeadline(30_000, () => watched.get(scope, id(index))),
      (index) => plainly.get(scope, id(index)),
    );
    const measure = 'read a memory through the policies (floor: without)';
    return {
      measure,
      store: kind.name,
      p50: work.p50_ms,
      p95: work.p95_ms,
      floor_p50: floor.p50_ms,
      ratio,
      unit: 'ms',
    };
  } finally {
    policy.stop();
    await guarded.close();
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
