/** Workers over HTTP, as the user interface and operators steer them, in the engine of a server. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Engine } from '../../../src-main/engine.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { copyEmptyCluster, temporaryFolder } from '../../support/embedded-cluster.ts';
import { TestClock } from '../../support/test-clock.ts';
import { silentLogger } from '../../support/test-databases.ts';
import { until } from '../../support/worker-nodes.ts';
import { OTHER_ORG_ID, startTestServer, type TestServer } from '../server/support/test-server.ts';

describe('workers over HTTP', () => {
  let server: TestServer;
  const clock = new TestClock();
  beforeAll(async () => {
    server = await startTestServer(clock, {}, 'server');
    await until(async () => (await get('/api/worker-nodes')).items.length === 1, 'the node');
  });
  afterAll(() => server?.stop());

  const get = async (path: string) => {
    const answer = await server.call('GET', path);
    expect(answer.status, path).toBe(200);
    return answer.body;
  };
  const post = (path: string, status = 200) =>
    server.call('POST', path, { body: '{}' }).then((answer) => {
      expect(answer.status, `${path} ${JSON.stringify(answer.body)}`).toBe(status);
      return answer.body;
    });
  const ended = (worker: string, runs: number) =>
    until(async () => {
      const body = await get(`/api/workers/${worker}`);
      return body.counts.runs === runs && body.active_runs.length === 0 && body;
    }, `${runs} runs of ${worker}`);

  it('lists every worker with its state and schedule, and the node that runs them', async () => {
    const { items } = await get('/api/workers');
    expect(items.map(({ name }: { name: string }) => name)).toEqual([
      'consolidation',
      'cleanup',
      'session-cleanup',
      'event-retry',
      'retention',
    ]);
    const [node] = (await get('/api/worker-nodes')).items;
    expect(node).toMatchObject({ kind: 'server', status: 'live', share: 1, shard: null, running: 0 });
    for (const worker of items) {
      expect(worker).toMatchObject({
        state: { state: 'scheduled' },
        schedule_source: 'default',
        nodes: [node.node_id],
      });
    }
    expect(await get('/health/workers')).toMatchObject({ status: 'healthy', nodes: { live: 1, lost: 0 } });
  });

  it('runs one now, promotes what is worth it, and shows the run in the log', async () => {
    const memory = {
      user_id: 'mira',
      memory_type: 'decision',
      content: { text: 'Mira prefers tea' },
      relevance_score: 1,
    };
    expect((await server.call('POST', '/api/memory/working', { body: JSON.stringify(memory) })).status).toBe(201);
    await post('/api/workers/consolidation/run', 202);
    const worker = await ended('consolidation', 1);
    expect(worker.last_run).toMatchObject({
      status: 'succeeded',
      trigger: 'manual',
      requested_by: 'agent',
      changed: 1,
    });
    expect(worker.recent_runs).toHaveLength(1);
    const { items } = await get('/api/memory/longterm?user_id=mira');
    expect(items).toMatchObject([{ content: { text: 'Mira prefers tea' }, provenance: { source: 'consolidation' } }]);
    await post('/api/workers/consolidation/run', 202);
    await ended('consolidation', 2);
    const first = await get('/api/workers/consolidation/runs?limit=1');
    expect(first.items).toMatchObject([{ changed: 0 }]);
    const second = await get(`/api/workers/consolidation/runs?limit=1&cursor=${first.next_cursor}`);
    expect(second).toMatchObject({ items: [{ changed: 1 }], next_cursor: null });
  });

  it('pauses and resumes', async () => {
    expect(await post('/api/workers/cleanup/pause')).toMatchObject({
      state: { state: 'paused', by: 'agent' },
      next_run_at: null,
    });
    clock.advance({ days: 1 });
    // The others are due and make their runs; the paused one does not.
    await ended('retention', 1);
    expect(await get('/api/workers/cleanup')).toMatchObject({ counts: { runs: 0 }, state: { state: 'paused' } });
    expect(await post('/api/workers/cleanup/resume')).toMatchObject({ state: { state: 'scheduled' } });
    clock.advance({ minutes: 60 });
    await post('/api/workers/session-cleanup/run', 202);
    await ended('cleanup', 1);
  });

  it('changes a schedule, and says what is wrong with one', async () => {
    const put = (schedule: object | null) =>
      server.call('PUT', '/api/workers/cleanup/schedule', { body: JSON.stringify({ schedule }) });
    const cron = { kind: 'cron', expression: '0 3 * * *', time_zone: 'Europe/Berlin' };
    expect((await put(cron)).body).toMatchObject({ schedule: cron, schedule_source: 'operator' });
    const wrong = await put({ ...cron, expression: 'every day' });
    expect(wrong).toMatchObject({ status: 400, body: { data: { field: 'schedule.expression' } } });
    expect((await put(null)).body).toMatchObject({ schedule: { kind: 'interval', seconds: 3600 } });
  });

  it('knows no other worker, and none of the shared ones for other organisations', async () => {
    expect((await server.call('GET', '/api/workers/tidying')).status).toBe(404);
    const shared = await server.call('POST', '/api/workers/session-cleanup/run', {
      token: server.other_token,
      body: '{}',
    });
    expect(shared.status).toBe(404);
  });
});

it('an engine works for the organisations of its tokens, and makes up at the start for what was due meanwhile', async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  await copyEmptyCluster(join(folder.path, 'postgres'));
  const clock = new TestClock();
  const start = async () => {
    const engine = new Engine({ config: defaultConfig(folder.path), logger: silentLogger, clock, kind: 'server' });
    onTestFinished(() => engine.stop());
    await engine.start();
    return engine;
  };
  const scopes = [LOCAL_ORG_ID, OTHER_ORG_ID].map((org_id) => ({ org_id, actor: 'test' }));
  const first = await start();
  for (const scope of scopes) {
    first.tokens.create({ name: 'agent', org_id: scope.org_id });
    await first.organisations.ensure(scope);
    await first.services.workers.pause(scope, 'retention');
    await first.database.withScope(scope, (tx) =>
      tx.sql(`INSERT INTO archon_idempotency_keys VALUES ($1, 'k', 'o', 'h', NULL, $2)`, [
        scope.org_id,
        new Date(clock.now() - 48 * 3_600_000).toISOString(),
      ]),
    );
    await until(async () => (await first.services.workers.get(scope, 'cleanup')).next_run_at !== null, 'the plan');
  }
  await first.stop();
  clock.advance({ minutes: 61 });
  const { database, services } = await start();
  for (const scope of scopes) {
    const keys = () => database.withScope(scope, (tx) => tx.sql('SELECT key FROM archon_idempotency_keys'));
    await until(async () => (await keys()).length === 0, 'the end of the keys');
    expect((await services.workers.get(scope, 'retention')).state).toMatchObject({ state: 'paused' });
  }
});

it('on the embedded database a run that was cut off is taken up at the next start, without waiting for its lease', async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  await copyEmptyCluster(join(folder.path, 'postgres'));
  const scope = { org_id: LOCAL_ORG_ID, actor: 'test' };
  const start = async () => {
    const engine = new Engine({ config: defaultConfig(folder.path), logger: silentLogger, kind: 'server' });
    onTestFinished(() => engine.stop());
    await engine.start();
    return engine;
  };
  const first = await start();
  await until(async () => (await first.services.workers.nodes(scope)).items.length === 1, 'the node');
  // As kill -9 leaves it.
  const run_id = '01890000-0000-7000-8000-000000000001';
  await first.database.withScope(scope, (tx) =>
    tx.sql(
      `INSERT INTO archon_worker_runs (org_id, run_id, worker, trigger, status, attempt, not_before, pinned, node_id,
         node_name, lease_until, queued_at, started_at)
       VALUES ($1, $2, 'cleanup', 'schedule', 'running', 1, now(), false, 'killed', 'killed', now() + interval '1 day', now(), now())`,
      [scope.org_id, run_id],
    ),
  );
  await first.stop();
  const second = await start();
  const { items } = await until(async () => {
    const page = await second.services.workers.runs(scope, { worker: 'cleanup', limit: 10 });
    return page.items.length === 2 && page.items.every(({ ended_at }) => ended_at) && page;
  }, 'the run that takes it up');
  expect(items).toMatchObject([
    { status: 'succeeded', trigger: 'retry', resumes: run_id },
    { run_id, status: 'interrupted' },
  ]);
});
