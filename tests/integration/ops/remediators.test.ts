/** What a person can have the agent do, on a running engine with the embedded database. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpsAction, OpsLabels, OpsRemediatorName } from '../../../src-contract/index.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { until } from '../../support/worker-nodes.ts';
import { OTHER_ORG_ID, startTestServer, type TestServer } from '../server/support/test-server.ts';

const scope = { org_id: LOCAL_ORG_ID, actor: 'ada' };
const stranger = { org_id: OTHER_ORG_ID, actor: 'bo' };
/** No process has such a number: it is beyond the largest that Linux gives. */
const DEAD_PID = 99_999_999;

describe('remediators on a running engine', () => {
  let server: TestServer;
  let data_dir: string;
  beforeAll(async () => {
    server = await startTestServer(undefined, { 'backup.interval_hours': 0 }, 'server');
    ({ data_dir } = server.engine.services.app);
    const { workers } = server.engine.services;
    await until(async () => (await workers.get(scope, 'cleanup')).nodes.length > 0, 'the node of the workers');
  });
  afterAll(() => server?.stop());

  const actions = () => server.engine.services.ops.actions;
  const targetOf = async (name: OpsRemediatorName): Promise<OpsLabels> => {
    const { items } = await actions().remediators(scope);
    const [target] = items.find((one) => one.name === name)?.targets ?? [];
    expect(target, name).toMatchObject({ blocked: null });
    return target?.target ?? {};
  };
  const over = (id: string): Promise<OpsAction> =>
    until(async () => {
      const action = actions().get(scope, id);
      return action.ended_at !== null && action;
    }, 'the end of the action');
  const run = async (name: OpsRemediatorName, target?: OpsLabels): Promise<OpsAction> => {
    const { id } = await actions().run(scope, { remediator: name, target: target ?? (await targetOf(name)) });
    return await over(id);
  };

  it('are told of, each with what it needs, does and risks, and what for', async () => {
    const { items } = await actions().remediators(scope);
    expect(items).toHaveLength(8);
    for (const one of items) {
      expect([one.title, one.precondition, one.effect, one.verification].every((text) => text.length > 4)).toBe(true);
      expect(one.signals.length).toBeGreaterThan(0);
    }
  });

  it('offer an organisation only what is its own', async () => {
    const { items } = await actions().remediators(stranger);
    const offered = items.filter(({ targets }) => targets.length > 0).map(({ name }) => name);
    expect(offered.sort()).toEqual(['event-replay', 'reindex-advice', 'worker-restart']);
    const target = await targetOf('backup-now');
    await expect(actions().run(stranger, { remediator: 'backup-now', target })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('whole installation'),
    });
  });

  it('are not for agents', async () => {
    const body = JSON.stringify({ remediator: 'backup-now', target: {} });
    expect((await server.call('POST', '/api/ops/actions', { body })).status).toBe(403);
  });

  it('backup-now makes a backup that is there', async () => {
    const action = await run('backup-now');
    expect(action).toMatchObject({ state: { state: 'helped' }, outcome: expect.stringMatching(/^The backup archon-/) });
    const { backups } = server.engine.services;
    expect(backups.folder.list()).toHaveLength(1);
    expect(action.after).toContainEqual({ label: 'Backups', value: '1' });
  });

  it('cleanup-run runs the workers and removes what a killed process left, and nothing else', async () => {
    const left = join(data_dir, `restoring-${DEAD_PID}`);
    mkdirSync(left);
    writeFileSync(join(left, 'half'), 'x'.repeat(1000));
    const living = join(data_dir, `restoring-${process.pid}`);
    mkdirSync(living);
    const action = await run('cleanup-run');
    expect(action.state.state).toBe('helped');
    expect(action.outcome).toContain('Begun: cleanup, session-cleanup, retention.');
    expect(action.outcome).toContain(`Removed restoring-${DEAD_PID}`);
    expect([existsSync(left), existsSync(living)]).toEqual([false, true]);
    expect(existsSync(join(data_dir, 'history.db'))).toBe(true);
    const again = await run('cleanup-run');
    expect(again.state.state).toBe('did_not_help');
    expect(again.outcome).toContain('There was nothing to remove.');
    expect(again.outcome).not.toContain('free on the disk');
  });

  it('cache-clear forgets contexts, and answers to idempotency keys stay', async () => {
    const asked = { user_id: 'mira', query: 'apples' };
    const memory = {
      user_id: 'mira',
      memory_type: 'action',
      content: { text: 'Apples were picked.' },
      idempotency_key: 'once',
    };
    const first = await server.call('POST', '/api/memory/working', { body: JSON.stringify(memory) });
    expect(first.status).toBe(201);
    const context = await server.call('POST', '/api/memory/context', { body: JSON.stringify(asked) });
    expect(context.body).toMatchObject({ status: 'healthy' });
    const action = await run('cache-clear');
    expect(action).toMatchObject({ state: { state: 'helped' } });
    expect(action.before).toContainEqual({ label: 'Last good contexts', value: '1' });
    expect(action.after).toContainEqual({ label: 'Last good contexts', value: '0' });
    const again = await server.call('POST', '/api/memory/working', { body: JSON.stringify(memory) });
    expect(again.body.id).toBe(first.body.id);
  });

  it('table-analyze makes statistics of a table of ours, and takes no other name', async () => {
    const action = await run('table-analyze', { table: 'archon_working_memory' });
    expect(action).toMatchObject({ state: { state: 'helped' }, target: { table: 'archon_working_memory' } });
    for (const table of ['pg_class', 'archon_working_memory; DROP TABLE archon_events', '"archon_events"', 'nothing']) {
      await expect(actions().run(scope, { remediator: 'table-analyze', target: { table } })).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringContaining('There is no table of Archon'),
      });
    }
  });

  it('reindex-advice finds that nothing is backed up by itself, which can be applied', async () => {
    const action = await run('reindex-advice');
    expect(action).toMatchObject({ state: { state: 'helped' }, risk: 'none' });
    const { items, looked_at } = actions().recommendations(scope);
    expect(looked_at).not.toBeNull();
    expect(items).toContainEqual(
      expect.objectContaining({ id: 'backups-off', state: { state: 'open' }, impact: 'high' }),
    );
    const applied = await actions().apply(scope, 'backups-off');
    expect(applied).toMatchObject({ remediator: 'backup-now', origin: { kind: 'recommendation', by: 'ada' } });
    expect((await over(applied.id)).state.state).toBe('helped');
    expect(
      actions()
        .recommendations(scope)
        .items.find(({ id }) => id === 'backups-off')?.state,
    ).toMatchObject({
      state: 'applied',
      action_id: applied.id,
    });
    await expect(actions().apply(scope, 'backups-off')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('what was done is in the log, newest first, and of no other organisation', async () => {
    const { items } = await actions().list(scope, { limit: 100 });
    expect(items[0]).toMatchObject({ remediator: 'backup-now', origin: { kind: 'recommendation' } });
    expect(items.filter(({ state }) => state.state !== 'helped').map(({ remediator }) => remediator)).toEqual([
      'cleanup-run',
    ]);
    expect((await actions().list(stranger, { limit: 100 })).items).toEqual([]);
    expect(() => actions().get(stranger, items[0]?.id ?? '')).toThrow('There is no action');
  });
});
