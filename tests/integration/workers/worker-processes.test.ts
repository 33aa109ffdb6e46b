/** `archon worker` as people run it: processes on one PostgreSQL server, some of which are killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WorkerRunEntry } from '../../../src-contract/index.ts';
import { migrationsFolder } from '../../../src-main/app-files.ts';
import { systemClock } from '../../../src-main/clock.ts';
import { Organisations } from '../../../src-main/identity/organisations.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { Database } from '../../../src-main/storage/database.ts';
import { migrate, readMigrations } from '../../../src-main/storage/migrator.ts';
import { slotOf } from '../../../src-main/workers/shards.ts';
import type { WorkerDefinition } from '../../../src-main/workers/worker.ts';
import { WorkerStore } from '../../../src-main/workers/worker-store.ts';
import { Workers } from '../../../src-main/workers/workers.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { silentLogger } from '../../support/test-databases.ts';
import { until } from '../../support/worker-nodes.ts';

const HEADLESS = resolve(import.meta.dirname, '..', '..', '..', 'src-main', 'headless.ts');
const scope = { org_id: LOCAL_ORG_ID, actor: 'test' };
/** Starting a process under load takes its time. */
const START_MS = 120_000;
const LEASE_SECONDS = 2;

interface Node {
  child: ChildProcess;
  pid: number;
  stderr: () => string;
  ended: Promise<number | null>;
}

it('is refused on the embedded database, in words that say what to do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'archon-worker-'));
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [HEADLESS, 'worker'], {
    env: { PATH, HOME, ARCHON_DATA_DIR: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise((resolveExit) => child.once('close', resolveExit));
  rmSync(folder, { recursive: true, force: true });
  expect(code).toBe(2);
  expect(stderr).toContain('The embedded database belongs to one process');
  expect(stderr).toContain('database.url');
});

describe.runIf(postgresAvailable)('processes that run workers', () => {
  let server: PostgresServer;
  let url: string;
  let database: Database;
  let workers: Workers;
  let folder: string;
  let count = 0;
  const nodes: Node[] = [];

  beforeAll(async () => {
    server = await startPostgres({ fsync: 'off', max_connections: '200' });
    folder = mkdtempSync(join(tmpdir(), 'archon-worker-'));
  });
  afterAll(async () => {
    await server?.remove();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    count += 1;
    url = await server.createDatabase(`archon_${count}`);
    database = new Database({
      pool: { connectionString: url, max: 4 },
      logger: silentLogger,
      statement_timeout_ms: 30_000,
    });
    await migrate(database, readMigrations(migrationsFolder));
    await new Organisations(database).ensure(scope);
    const store = new WorkerStore({ database, clock: systemClock, lease_ms: () => 1000 });
    workers = new Workers({ database, store, definitions, clock: systemClock, poke: () => {} });
  });
  afterEach(async () => {
    for (const { child, ended } of nodes.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
    await database.close();
  });

  /** What the routes need to know of the workers; they run in the processes alone. */
  const definitions = ['consolidation', 'cleanup', 'retention'].map(
    (name): WorkerDefinition => ({
      name,
      title: '',
      description: '',
      spread: name === 'consolidation' ? 'users' : 'once',
      schedule: () => ({ kind: 'manual' }),
      timeout_ms: 1,
      run: () => Promise.reject(new Error('not here')),
    }),
  );

  const start = (args: readonly string[] = []): Node => {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [HEADLESS, 'worker', ...args], {
      env: {
        PATH,
        HOME,
        ARCHON_DATA_DIR: folder,
        ARCHON_DATABASE_URL: url,
        ARCHON_DATABASE_POOL_SIZE: '4',
        ARCHON_WORKERS_LEASE_SECONDS: String(LEASE_SECONDS),
        ARCHON_WORKERS_CONSOLIDATION_SCHEDULE: 'manual',
        ARCHON_LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const ended = new Promise<number | null>((resolveExit) => child.once('close', resolveExit));
    const node = { child, pid: child.pid as number, stderr: () => stderr, ended };
    nodes.push(node);
    return node;
  };
  const live = (number: number) =>
    until(
      async () => {
        const { items } = await workers.nodes(scope);
        const alive = items.filter(({ status }) => status === 'live');
        return alive.length === number && alive;
      },
      `${number} live nodes: ${nodes.map(({ stderr }) => stderr()).join('')}`,
      START_MS,
    );
  /** Users who each said something worth keeping, as `user-17`. */
  const addUsers = (number: number) =>
    database.withScope(scope, (tx) =>
      tx.sql(
        `INSERT INTO archon_working_memory (org_id, id, user_id, memory_type, content, token_count, relevance_score,
           relevance_at, created_at, updated_at, expires_at, language)
         SELECT $1, gen_random_uuid(), 'user-' || n, 'conversation', jsonb_build_object('text', 'Remember number ' || n),
           3, 1, now(), now(), now(), now() + interval '7 days', 'english'
         FROM generate_series(1, $2::int) AS n`,
        [scope.org_id, number],
      ),
    );
  const remembered = () =>
    database.withScope(scope, (tx) =>
      tx.sql<{ user_id: string; count: number }>(
        'SELECT user_id, count(*) AS count FROM archon_longterm_memory GROUP BY user_id',
      ),
    );
  const everyUserOnce = async (number: number) => {
    const rows = await remembered();
    expect(rows).toHaveLength(number);
    expect(rows.filter((row) => row.count !== 1)).toEqual([]);
  };
  const runs = async () => (await workers.runs(scope, { worker: 'consolidation', limit: 500 })).items.reverse();
  const allOver = (number: number): Promise<WorkerRunEntry[]> =>
    until(
      async () => {
        const all = await runs();
        return all.filter(({ ended_at }) => ended_at).length >= number && all.every(({ ended_at }) => ended_at) && all;
      },
      `${number} runs that are over`,
      START_MS,
    );
  const nodeOf = async (pid: number) => {
    const { items } = await workers.nodes(scope);
    return items.find(({ name }) => name.endsWith(`:${pid}`));
  };

  it('of two, each with its part, make every scheduled run once and look after every user once', async () => {
    await addUsers(300);
    const [first, second] = [start(['--shard', '1/2']), start(['--shard', '2/2'])];
    await live(2);
    // Due at once, for both.
    await database.withScope(scope, (tx) =>
      tx.sql(
        `UPDATE archon_workers SET schedule = '{"kind": "interval", "seconds": 86400}', next_run_at = now()
         WHERE name = 'consolidation'`,
      ),
    );
    const all = await allOver(2);
    expect(all.map(({ status, trigger, shard }) => [status, trigger, shard]).sort()).toEqual([
      ['succeeded', 'schedule', '1/2'],
      ['succeeded', 'schedule', '2/2'],
    ]);
    await everyUserOnce(300);
    const users = Array.from({ length: 300 }, (_, at) => `user-${at + 1}`);
    for (const [index, { pid }] of [first, second].entries()) {
      const node = await nodeOf(pid);
      const run = all.find(({ node_id }) => node_id === node?.node_id);
      expect(run?.items).toBe(users.filter((user) => slotOf(user) % 2 === index).length);
    }
    // The other workers, which nobody asked for, keep to their schedules.
    for (const { child, ended } of [first, second]) {
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    }
    expect((await workers.nodes(scope)).items).toEqual([]);
  });

  it('of four, one killed in the middle: it counts as lost within its lease, and another ends what it began', async () => {
    const users = 4000;
    await addUsers(users);
    for (let more = 0; more < 4; more += 1) start();
    await live(4);
    await workers.runNow(scope, 'consolidation');
    const victim = await until(
      async () => (await runs()).find(({ status, changed }) => status === 'running' && changed > 20),
      'a run in the middle',
      START_MS,
    );
    const { items } = await workers.nodes(scope);
    const node = items.find(({ node_id }) => node_id === victim.node_id);
    const killed = nodes.find(({ pid }) => node?.name.endsWith(`:${pid}`));
    killed?.child.kill('SIGKILL');
    await killed?.ended;
    const all = await allOver(5);
    await everyUserOnce(users);
    const interrupted = all.filter(({ status }) => status === 'interrupted');
    expect(interrupted.map(({ run_id }) => run_id)).toEqual([victim.run_id]);
    const heir = all.find(({ resumes }) => resumes === victim.run_id);
    expect(heir).toMatchObject({ status: 'succeeded', shard: victim.shard, attempt: 2 });
    expect(heir?.node_id).not.toBe(victim.node_id);
    // From where it was, not from the beginning: together they looked at each user once, but for the one in between.
    const looked = (heir?.items ?? 0) + (interrupted[0]?.items ?? 0);
    const part = all.filter(({ run_id }) => run_id !== victim.run_id && run_id !== heir?.run_id);
    const others = part.reduce((sum, run) => sum + run.items, 0);
    expect(looked + others).toBeGreaterThanOrEqual(users - 1);
    expect(looked + others).toBeLessThanOrEqual(users);
    expect(await workers.get(scope, 'consolidation')).toMatchObject({ counts: { crashes: 1, failures_in_a_row: 0 } });
    // Its users belong to the three that are left.
    const after = (await workers.nodes(scope)).items;
    expect(after.filter(({ status }) => status === 'lost').map(({ node_id }) => node_id)).toEqual([victim.node_id]);
    expect(after.reduce((sum, { share }) => sum + share, 0)).toBe(1);
  });

  it('told to end in the middle of a run gives it back at once', async () => {
    const users = 2000;
    await addUsers(users);
    const leaving = start();
    await live(1);
    await workers.runNow(scope, 'consolidation');
    await until(async () => (await runs()).find(({ changed }) => changed > 20), 'a run in the middle', START_MS);
    leaving.child.kill('SIGTERM');
    expect(await leaving.ended).toBe(0);
    const [given, waiting] = await runs();
    expect(given).toMatchObject({ status: 'interrupted', error: 'its node was stopped' });
    expect(waiting).toMatchObject({ status: 'queued', resumes: given?.run_id, attempt: 1 });
    expect((await workers.nodes(scope)).items).toEqual([]);
    start();
    await allOver(2);
    await everyUserOnce(users);
    expect(await workers.get(scope, 'consolidation')).toMatchObject({ counts: { crashes: 0 } });
  });

  it('forget no event that a subscriber has not got yet, but do forget dead letters past their time', async () => {
    await database.withScope(scope, (tx) =>
      Promise.all([
        tx.sql(
          `INSERT INTO archon_events (org_id, type, actor, payload, created_at)
           SELECT $1, 'settings.changed', 'test', '{"keys": []}', now() - interval '100 days' FROM generate_series(1, 20)`,
          [scope.org_id],
        ),
        tx.sql(`INSERT INTO archon_event_subscribers (org_id, name, cursor) VALUES ($1, 'slow', 0)`, [scope.org_id]),
        tx.sql(
          `INSERT INTO archon_event_failures (org_id, id, subscriber, event_id, event_type, event_actor, event_created_at,
             payload, error_name, error_message, attempts, attempt_count, first_failed_at, failed_at, state, state_at,
             state_by, reason)
           SELECT $1, gen_random_uuid(), 'slow', 1, 'settings.changed', 'test', at, '{}', 'Error', 'no', '[]', 1, at, at,
             'discarded', at, 'test', 'no use' FROM (SELECT now() - interval '1000 days' AS at) AS past`,
          [scope.org_id],
        ),
      ]),
    );
    const count = async (table: string) => {
      const [row] = await database.withScope(scope, (tx) =>
        tx.sql<{ count: number }>(
          `SELECT count(*) AS count FROM ${table} ${table === 'archon_events' ? `WHERE type = 'settings.changed'` : ''}`,
        ),
      );
      return row?.count;
    };
    const runWorker = async (worker: string) => {
      const begun = (await workers.runNow(scope, worker)).counts.runs;
      await until(async () => {
        const { counts, active_runs, last_run } = await workers.get(scope, worker);
        return counts.runs > begun && active_runs.length === 0 && last_run?.status === 'succeeded';
      }, `the end of ${worker}`);
    };
    start();
    await live(1);
    await runWorker('cleanup');
    expect(await count('archon_events')).toBe(20);
    await database.withScope(scope, (tx) => tx.sql('DELETE FROM archon_event_subscribers'));
    await runWorker('cleanup');
    expect(await count('archon_events')).toBe(0);
    await runWorker('retention');
    expect(await count('archon_event_failures')).toBe(0);
  });
});
