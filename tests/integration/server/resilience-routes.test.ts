/** What a person sees of breakers and does about them, and what of it outlives a restart. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArchonClient, Breaker } from '../../../src-contract/index.ts';
import { router } from '../../../src-main/api/router.ts';
import { Engine } from '../../../src-main/engine.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { copyTemplate } from '../../support/template-folder.ts';
import { silentLogger } from '../../support/test-databases.ts';

const scope = { org_id: LOCAL_ORG_ID, actor: 'ada' };

describe('circuit breakers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'archon-resilience-'));
  copyTemplate(folder);
  let engine: Engine;
  let person: ArchonClient;
  beforeEach(async () => {
    engine = new Engine({ config: defaultConfig(folder), logger: silentLogger });
    await engine.start();
    person = clientOf(true);
  });
  afterEach(() => engine.stop());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function clientOf(interactive: boolean): ArchonClient {
    const host = { kind: 'server', api: () => ({ url: null, problem: null }) } as const;
    const { services } = engine;
    return createRouterClient(router, {
      context: { services, scope, logger: silentLogger, host, local: true, interactive },
    });
  }

  const named = async (name: string): Promise<Breaker | undefined> =>
    (await person.resilience.list({})).items.find((breaker) => breaker.name === name);

  it('are there for every service, and say which this process has', async () => {
    const { items } = await person.resilience.list({});
    expect(items.map(({ name, in_use }) => `${name} ${in_use}`)).toEqual([
      'postgres true',
      'redis false',
      'embedding false',
      'llm false',
      'smtp false',
      'slack false',
      'webhook true',
    ]);
    // The embedded database is part of this process.
    expect(items[0]).toMatchObject({ enabled: false, probe: true, state: { state: 'closed', failures: 0 } });
    const { outcome } = await person.resilience.probe({ breaker: 'postgres' });
    expect(outcome).toMatchObject({ kind: 'answered', detail: expect.stringContaining('PostgreSQL') });
  });

  it('are changed by a person, never by an agent', async () => {
    const agent = clientOf(false).resilience;
    const named = { breaker: 'llm' };
    const changes = [
      agent.isolate({ ...named, reason: 'mine' }),
      agent.release(named),
      agent.reset(named),
      agent.probe(named),
      agent.update({ service: 'llm', threshold: 1 }),
    ];
    for (const outcome of await Promise.allSettled(changes)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'FORBIDDEN' } });
    }
    expect((await agent.list({})).items).toHaveLength(7);
  });

  it('say what is not possible, and why', async () => {
    const { resilience } = person;
    await expect(resilience.reset({ breaker: 'webhook' })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(resilience.reset({ breaker: 'mongodb' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(resilience.release({ breaker: 'llm' })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(resilience.probe({ breaker: 'llm' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('only be tested by giving it work'),
    });
    await expect(resilience.update({ service: 'llm', threshold: 11 })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });

  it('stay isolated and set over a restart, until a person ends it', async () => {
    const { id } = await person.webhooks.create({ name: 'cellar', url: 'https://example.com/', enabled: false });
    const hook = `webhook:${id}`;
    engine.services.resilience.webhooks.of(scope, id);
    await person.resilience.isolate({ breaker: hook, reason: 'too loud' });
    await person.resilience.isolate({ breaker: 'postgres', reason: 'moving house' });
    const updated = await person.resilience.update({ service: 'smtp', threshold: 9, reset_seconds: 7 });
    expect(updated).toMatchObject({ threshold: 9, reset_seconds: 7, changed: ['threshold', 'reset_seconds'] });
    await engine.stop();
    engine = new Engine({ config: defaultConfig(folder), logger: silentLogger });
    await engine.start();
    person = clientOf(true);

    expect(await named('postgres')).toMatchObject({
      state: { state: 'isolated', by: 'ada', reason: 'moving house' },
    });
    const list = () => person.working.list({ user_id: 'mira' });
    await expect(list()).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      message: expect.stringContaining('by ada (moving house)'),
    });
    expect((await person.resilience.probe({ breaker: 'postgres' })).outcome.kind).toBe('answered');
    expect((await named('postgres'))?.state.state).toBe('isolated');
    await person.resilience.release({ breaker: 'postgres' });
    expect((await list()).items).toEqual([]);

    expect(await named(hook)).toMatchObject({ state: { state: 'isolated', reason: 'too loud' } });
    await person.webhooks.remove({ id });
    expect(await named(hook)).toBeUndefined();

    expect(await named('smtp')).toMatchObject({ threshold: 9, reset_seconds: 7 });
    const reset = await person.resilience.update({ service: 'smtp', threshold: null, reset_seconds: null });
    expect(reset).toMatchObject({ threshold: 3, reset_seconds: 60, changed: [] });

    // What was told while the database was not asked is in its log now, with its own time.
    await engine.flush();
    const told = await person.events.list({ types: ['system.breaker.changed'], text: 'postgres' });
    expect(told.items.map(({ payload, actor }) => ({ ...payload, actor }))).toEqual([
      expect.objectContaining({ breaker: 'postgres', from: 'isolated', to: 'closed', actor: 'ada' }),
      expect.objectContaining({ breaker: 'postgres', from: 'closed', to: 'isolated', reason: 'moving house' }),
    ]);
    const changes = await person.events.list({ types: ['settings.changed'], text: 'resilience.smtp' });
    const keys = ['resilience.smtp.threshold', 'resilience.smtp.reset_seconds'];
    expect(changes.items.map(({ payload, actor }) => ({ ...payload, actor }))).toEqual([
      { keys, actor: 'ada' },
      { keys, actor: 'ada' },
    ]);
  });

  it('have a history in pages, newest first', async () => {
    for (const reason of ['one', 'two']) {
      await person.resilience.isolate({ breaker: 'slack', reason });
      await person.resilience.release({ breaker: 'slack' });
    }
    const first = await person.resilience.history({ breaker: 'slack', limit: 3 });
    expect(first.items.map(({ from, to, reason, by }) => `${from} ${to} ${reason} ${by}`)).toEqual([
      'isolated closed released ada',
      'closed isolated two ada',
      'isolated closed released ada',
    ]);
    const last = await person.resilience.history({ breaker: 'slack', limit: 3, cursor: first.next_cursor ?? '' });
    expect(last.items.map(({ reason }) => reason)).toEqual(['one']);
    expect(last.next_cursor).toBeNull();
  });
});
