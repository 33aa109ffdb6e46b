/** Durable delivery: from a commit to the handler, through one and four subscribers, with a backlog; beside bare pg-boss. */
import { PgBoss } from 'pg-boss';
import { recordEvents } from '../src-main/events/event-log.ts';
import type { Database } from '../src-main/storage/database.ts';
import { type DeliveryNode, publish, startDelivery } from '../tests/support/delivery-nodes.ts';
import { memoryServices } from '../tests/support/memory-services.ts';
import { type DatabaseKind, databaseKinds, type TestDatabase } from '../tests/support/test-databases.ts';
import { measureAgainst, median, type Row } from './measure.ts';

const LATENCY_RUNS = 200;
const THROUGHPUT_EVENTS = 5000;
const BACKLOG = 100_000;

export async function benchDelivery(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of databaseKinds.filter(({ available }) => available)) {
    const test = await kind.open({ durable: true });
    try {
      rows.push(...(await latency(kind, test)));
      for (const count of [1, 4]) rows.push(await throughput(kind, test, count));
      rows.push(await overhead(kind, test));
      rows.push(...(await backlog(kind, test)));
    } finally {
      await test.remove();
    }
  }
  return rows;
}

/** Milliseconds from before the commit to the call of the handler, in turns with a job sent to and taken by bare pg-boss. */
async function latency(kind: DatabaseKind, test: TestDatabase): Promise<Row[]> {
  const scope = await test.newScope();
  let arrived = Promise.withResolvers<void>();
  const node = await startDelivery(test.database, {
    scopes: [scope],
    subscribers: [{ name: 'latency', handle: async () => arrived.resolve() }],
  });
  const boss = await bareBoss(test.database);
  try {
    const result = await measureAgainst(
      LATENCY_RUNS,
      async () => {
        arrived = Promise.withResolvers();
        await publish(test.database, scope, ['event']);
        await arrived.promise;
      },
      async () => {
        await boss.send('bare', {});
        const jobs = await boss.fetch('bare');
        // Ended as ours are, though nobody waits for it.
        await boss.deleteJob('bare', jobs);
      },
    );
    return [
      {
        measure: 'commit of an event to its handler (floor: bare pg-boss)',
        store: kind.name,
        p50: result.work.p50_ms,
        p95: result.work.p95_ms,
        floor_p50: result.floor.p50_ms,
        ratio: result.ratio,
        unit: 'ms',
      },
    ];
  } finally {
    await boss.stop({ graceful: false });
    await node.stop();
  }
}

async function bareBoss(database: Database): Promise<PgBoss> {
  const boss = new PgBoss({
    db: { executeSql: async (text, values) => ({ rows: await database.statement(text, values ?? []) }) },
    schema: 'archon_pgboss',
    createSchema: false,
    schedule: false,
    supervise: false,
    registerInstance: false,
    openTelemetry: { enabled: false },
  });
  await boss.start();
  await boss.createQueue('bare');
  return boss;
}

async function throughput(kind: DatabaseKind, test: TestDatabase, count: number): Promise<Row> {
  const scope = await test.newScope();
  let handled = 0;
  const subscribers = Array.from({ length: count }, (_, index) => ({
    name: `throughput-${index}`,
    concurrency: 10,
    batch: 200,
    handle: async () => {
      handled += 1;
    },
  }));
  const node = await startDelivery(test.database, { scopes: [scope], subscribers });
  try {
    const rates: number[] = [];
    for (let run = 0; run < 3; run += 1) {
      const target = handled + THROUGHPUT_EVENTS * count;
      const began = performance.now();
      const names = Array.from({ length: THROUGHPUT_EVENTS }, (_, index) => `e${index}`);
      await publish(test.database, scope, names);
      while (handled < target) await new Promise((resolve) => setTimeout(resolve, 5));
      rates.push((THROUGHPUT_EVENTS * count * 1000) / (performance.now() - began));
    }
    const measureName = `deliveries per second, ${count} subscriber${count === 1 ? '' : 's'}`;
    return { measure: measureName, store: kind.name, p50: median(rates), unit: '1/s' };
  } finally {
    await node.stop();
  }
}

/** What the event beside it costs a memory that is written, while somebody subscribes to nothing of it. */
async function overhead(kind: DatabaseKind, test: TestDatabase): Promise<Row> {
  const services = memoryServices(test.database);
  const scope = await test.newScope();
  const memory = { user_id: 'bench', memory_type: 'conversation' as const, content: { text: 'a plain memory' } };
  await services.working.create(scope, memory);
  const [row] = await test.database.withScope(scope, (tx) =>
    tx.sql<Record<string, unknown>>('SELECT * FROM archon_working_memory'),
  );
  const { id: _id, text_vector: _vector, ...plain } = row ?? {};
  const columns = Object.keys(plain);
  const places = columns.map((_, index) => `$${index + 1}`).join(', ');
  const insert = `INSERT INTO archon_working_memory (id, ${columns.join(', ')}) VALUES (gen_random_uuid(), ${places})`;
  const compiled = { compile: () => ({ sql: insert, parameters: Object.values(plain) }) };
  try {
    const result = await measureAgainst(
      200,
      () => services.working.create(scope, memory),
      () => test.database.atOnce(scope, [compiled as never]),
    );
    return {
      measure: 'a memory with its event (floor: the same without)',
      store: kind.name,
      p50: result.work.p50_ms,
      p95: result.work.p95_ms,
      floor_p50: result.floor.p50_ms,
      ratio: result.ratio,
      unit: 'ms',
    };
  } finally {
    await services.close();
  }
}

async function backlog(kind: DatabaseKind, test: TestDatabase): Promise<Row[]> {
  const scope = await test.newScope();
  const begin = { type: 'memory.session.created', user_id: 'bench', payload: { session_id: 'backlog' } } as const;
  for (let done = 0; done < BACKLOG; done += 1000) {
    const events = Array.from({ length: 1000 }, () => begin);
    await test.database.withScope(scope, (tx) => tx.run(recordEvents(scope, events)));
  }
  let handled = 0;
  let most_bytes = 0;
  const before_bytes = process.memoryUsage().rss;
  const began = performance.now();
  const node: DeliveryNode = await startDelivery(test.database, {
    scopes: [scope],
    subscribers: [
      {
        name: 'backlog',
        from: 'start',
        concurrency: 10,
        batch: 200,
        handle: async () => {
          handled += 1;
          if (handled % 1000 === 0) most_bytes = Math.max(most_bytes, process.memoryUsage().rss);
        },
      },
    ],
  });
  try {
    while (handled < BACKLOG) await new Promise((resolve) => setTimeout(resolve, 20));
    const seconds = (performance.now() - began) / 1000;
    return [
      {
        measure: 'backlog of 100,000 events, deliveries per second',
        store: kind.name,
        p50: BACKLOG / seconds,
        unit: '1/s',
      },
      {
        measure: 'growth of memory meanwhile, at most',
        store: kind.name,
        p50: Math.max(0, most_bytes - before_bytes) / 1024 / 1024,
        unit: 'MB',
      },
    ];
  } finally {
    await node.stop();
  }
}
