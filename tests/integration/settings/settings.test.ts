/** Settings on one node: what holds and why, changes as a whole, history, undo, documents, and the file people write. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { safe } from '@orpc/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_CONTROLS, SETTING_SECTIONS } from '../../../src-contract/index.ts';
import { SETTING_NAMES } from '../../../src-main/settings/describe-key.ts';
import { CONFIG_FILE_NAME } from '../../../src-main/settings/load-config.ts';
import { type SettingsNode, startSettingsNode } from '../../support/settings-node.ts';

const SECRET = 'xoxb-never-to-be-seen';

describe('settings of one node', () => {
  let node: SettingsNode;
  beforeAll(async () => {
    node = await startSettingsNode({ env: { ARCHON_EVENTS_RETRY_FACTOR: '3', ARCHON_LOG_FILES: '4' } });
  });
  afterAll(() => node?.stop());

  const file = () => join(node.data_dir, CONFIG_FILE_NAME);
  const fileContent = () => JSON.parse(readFileSync(file(), 'utf8'));
  const refusal = async (work: Promise<unknown>) => {
    const { error } = await safe(work);
    if (!(error instanceof Error)) throw new Error('it was not refused');
    return error as Error & { code: string; data: unknown };
  };

  it('are all told, in their sections', async () => {
    const { items, notices } = await node.client.settings.list({});
    expect(items.map(({ key }) => key)).toEqual(SETTING_NAMES);
    expect([...new Set(items.map(({ section }) => section))]).toEqual([...SETTING_SECTIONS]);
    expect(notices).toEqual([]);
    const { items: ofUser } = await node.client.settings.list({ user_id: 'ana' });
    expect(new Set(ofUser.map(({ scope }) => scope))).toEqual(new Set(['user']));
  });

  it('are set for the organisation and this computer in one go, in force at once', async () => {
    const items = await node.set(
      { key: 'memory.session_ttl_minutes', value: 5 },
      { key: 'resilience.slack.threshold', value: 9 },
    );
    expect(items).toMatchObject([
      { value: 5, is_set: true, source: { kind: 'org' }, inherited: 60 },
      { value: 9, is_set: true, source: { kind: 'device' }, inherited: 3 },
    ]);
    expect(node.inForce('memory.session_ttl_minutes')).toBe(5);
    expect(fileContent()).toEqual({ 'resilience.slack.threshold': 9 });
    await node.restart();
    expect(node.inForce('memory.session_ttl_minutes')).toBe(5);
    expect(node.inForce('resilience.slack.threshold')).toBe(9);
  });

  it('are changed all or none: one that is refused keeps the others from being set', async () => {
    const before = readFileSync(file(), 'utf8');
    const wrong = [
      { key: 'memory.working_ttl_days', value: 99 },
      { key: 'memory.woking_ttl_days', value: 9 },
      { key: 'resilience.llm.threshold', value: 2 },
    ];
    const refused = await refusal(node.client.settings.set({ changes: wrong }));
    expect(refused.code).toBe('VALIDATION_FAILED');
    expect(refused.message).toContain('must be a whole number from 7 to 30, not 99');
    expect(JSON.stringify(refused.data)).toContain('Did you mean memory.working_ttl_days?');
    for (const value of ['a\u0000b', 'a\ud800']) {
      expect((await refusal(node.set({ key: 'llm.model', value }))).code).toBe('VALIDATION_FAILED');
    }
    const misfit = [
      { key: 'resilience.llm.threshold', value: 2 },
      { key: 'memory.reserve_session', value: 0.9 },
    ];
    expect((await refusal(node.client.settings.set({ changes: misfit }))).message).toContain('add up to more than 1');
    expect(readFileSync(file(), 'utf8')).toBe(before);
    expect(await node.setting('memory.reserve_session')).toMatchObject({ value: 0.5, is_set: false });
  });

  it('tell conflicts of the organisation and of this computer together', async () => {
    const before = readFileSync(file(), 'utf8');
    const stale = [
      { key: 'memory.working_ttl_days', value: 9, revision: 'old' },
      { key: 'resilience.llm.threshold', value: 2, revision: 'old' },
    ];
    const refused = await refusal(node.client.settings.set({ changes: stale }));
    expect(refused.data).toMatchObject({
      conflicts: [
        { key: 'memory.working_ttl_days', yours: 9 },
        { key: 'resilience.llm.threshold', yours: 2 },
      ],
    });
    expect(readFileSync(file(), 'utf8')).toBe(before);
  });

  it('take nothing of the database when the file of this computer cannot be written', async () => {
    const before = readFileSync(file(), 'utf8');
    chmodSync(file(), 0o400);
    const changes = [
      { key: 'memory.working_ttl_days', value: 20 },
      { key: 'resilience.llm.threshold', value: 2 },
    ];
    const refused = await refusal(node.client.settings.set({ changes }));
    expect(refused.message).toContain('it cannot be written');
    expect(refused.message).toContain(CONFIG_FILE_NAME);
    expect(await node.setting('memory.working_ttl_days')).toMatchObject({ value: 14, is_set: false });
    expect(readFileSync(file(), 'utf8')).toBe(before);
    const { items } = await node.client.settings.history({ scope: 'device', key: 'resilience.llm.threshold' });
    expect(items).toEqual([]);
    chmodSync(file(), 0o600);
  });

  it('that flags and variables set are locked, and say where', async () => {
    const setting = await node.setting('events.retry_factor');
    expect(setting).toMatchObject({
      value: 3,
      source: { kind: 'environment', variable: 'ARCHON_EVENTS_RETRY_FACTOR' },
    });
    expect(setting.locked).toContain('ARCHON_EVENTS_RETRY_FACTOR');
    const refused = await refusal(node.set({ key: 'events.retry_factor', value: 4 }));
    expect(refused.message).toBe(setting.locked);
  });

  it('that wait for a restart say so', async () => {
    const key = 'database.statement_timeout_ms';
    const limit = async () => {
      const [row] = await node.engine.database.withScope(
        { org_id: '00000000-0000-7000-8000-000000000001', actor: 'x' },
        (tx) => tx.sql<{ statement_timeout: string }>('SHOW statement_timeout'),
      );
      return row?.statement_timeout;
    };
    const [set] = await node.set({ key, value: 9000 });
    expect(set).toMatchObject({ value: 9000, waits: true, needs_restart: true });
    expect([node.engine.settings.device[key], await limit()]).toEqual([30_000, '30s']);
    await node.restart();
    expect(await node.setting(key)).toMatchObject({ value: 9000, waits: false });
    expect([node.engine.settings.device[key], await limit()]).toEqual([9000, '9s']);
    await node.set({ key, value: null });
    expect(await node.setting(key)).toMatchObject({ value: 30_000, waits: true });
    await node.restart();
  });

  it('of memory are the controls, of everybody and of a user', async () => {
    await node.set({ key: 'memory.max_tokens', value: 4000 });
    expect((await node.client.controls.get({})).effective.max_tokens).toBe(4000);
    await node.client.settings.set({ user_id: 'ana', changes: [{ key: 'memory.max_tokens', value: 3000 }] });
    expect((await node.client.controls.get({ user_id: 'ana' })).effective.max_tokens).toBe(3000);
    await node.client.controls.set({ controls: { layers: { working: false } } });
    expect(await node.setting('memory.layers.working')).toMatchObject({ value: false, is_set: true });
    expect(node.inForce('memory.layers.working')).toBe(false);
    expect(await node.setting('memory.max_tokens', 'ana')).toMatchObject({
      value: 3000,
      inherited: 4000,
      is_set: true,
    });
    const { items } = await node.client.settings.history({ scope: 'org', limit: 3 });
    expect(items.map(({ scope, user_id, changes }) => [scope, user_id, changes[0]?.key])).toEqual([
      ['org', null, 'memory.layers.working'],
      ['user', 'ana', 'memory.max_tokens'],
      ['org', null, 'memory.max_tokens'],
    ]);
    const refused = await refusal(
      node.client.settings.set({ user_id: 'ana', changes: [{ key: 'events.retry_attempts', value: 4 }] }),
    );
    expect(refused.message).toContain('is not a setting that users have of their own');
    await node.client.memories.erase({ user_id: 'ana', confirm: 'ana' });
    expect((await node.client.settings.history({ scope: 'org' })).items.map(({ user_id }) => user_id)).not.toContain(
      'ana',
    );
    await node.client.controls.set({ controls: { layers: { working: null }, max_tokens: null } });
    expect((await node.client.controls.get({})).effective).toEqual(DEFAULT_CONTROLS);
  });

  it('of workers are the schedules of their page, and the other way round', async () => {
    const key = 'workers.session_cleanup_schedule';
    await node.set({ key, value: 'CRON_TZ=Europe/Berlin 0 3 * * *' });
    const schedule = { kind: 'cron', expression: '0 3 * * *', time_zone: 'Europe/Berlin' };
    expect(await node.client.workers.get({ worker: 'session-cleanup' })).toMatchObject({
      schedule,
      schedule_source: 'operator',
      default_schedule: { kind: 'interval', seconds: 3600 },
    });
    await node.client.workers.setSchedule({ worker: 'session-cleanup', schedule: { kind: 'interval', seconds: 5400 } });
    expect(await node.setting(key)).toMatchObject({ value: '90m', is_set: true, inherited: '1h' });
    const { items } = await node.client.settings.history({ scope: 'org', key });
    expect(items.map(({ changes }) => changes)).toMatchObject([
      [{ before: 'CRON_TZ=Europe/Berlin 0 3 * * *', after: '90m' }],
      [{ before: null, after: 'CRON_TZ=Europe/Berlin 0 3 * * *' }],
    ]);
    await node.set({ key, value: null });
    expect(await node.client.workers.get({ worker: 'session-cleanup' })).toMatchObject({ schedule_source: 'default' });
  });

  it('of breakers are those of their page', async () => {
    await node.client.resilience.update({ service: 'smtp', threshold: 7 });
    expect(await node.setting('resilience.smtp.threshold')).toMatchObject({ value: 7, source: { kind: 'device' } });
    await node.set({ key: 'resilience.smtp.threshold', value: 8 });
    const { items } = await node.client.resilience.list({});
    expect(items.find(({ name }) => name === 'smtp')).toMatchObject({ threshold: 8, changed: ['threshold'] });
    await node.client.resilience.update({ service: 'smtp', threshold: null });
    expect(await node.setting('resilience.smtp.threshold')).toMatchObject({ value: 3, is_set: false });
  });

  it('keep secrets: encrypted, in no answer, document or log', async () => {
    const key = 'alerts.slack_url';
    const value = `https://hooks.slack.com/${SECRET}`;
    const answers = [await node.set({ key, value }, { key: 'alerts.slack_enabled', value: true })];
    expect(node.inForce(key)).toBe(value);
    const others = [
      await node.client.settings.list({}),
      await node.client.settings.history({ scope: 'org' }),
      await node.client.settings.export({}),
      node.logs.redaction.entry({ msg: `sent to ${value}` }),
      await node.engine.database.withScope({ org_id: '00000000-0000-7000-8000-000000000001', actor: 'x' }, (tx) =>
        tx.sql('SELECT * FROM archon_settings'),
      ),
    ];
    expect(JSON.stringify([answers, others])).not.toContain(SECRET);
    expect(await node.setting(key)).toMatchObject({ value: null, is_set: true, default: null, inherited: null });
    const stale = { key, value: `${value}2`, revision: 'other' };
    const refused = await refusal(node.client.settings.set({ changes: [stale] }));
    expect(refused.code).toBe('SETTINGS_CONFLICT');
    expect(JSON.stringify(refused.data)).not.toContain(SECRET);
    await node.restart();
    expect(node.inForce(key)).toBe(value);
    const [last] = (await node.client.settings.history({ scope: 'org', key })).items;
    expect(last?.changes.find((change) => change.key === key)).toMatchObject({
      secret: true,
      before: false,
      after: true,
    });
    await node.client.settings.undo({ id: last?.id ?? '', scope: 'org' });
    expect(node.inForce(key)).toBeNull();
    const [taken] = (await node.client.settings.history({ scope: 'org', key })).items;
    expect(taken?.undoes).toBe(last?.id);
    expect((await refusal(node.client.settings.undo({ id: taken?.id ?? '', scope: 'org' }))).message).toContain(
      'set the secret again',
    );
  });

  it('are taken back, unless they were changed since', async () => {
    await node.set(
      { key: 'resilience.webhook.threshold', value: 4 },
      { key: 'resilience.webhook.enabled', value: false },
    );
    const [entry] = (await node.client.settings.history({ scope: 'device' })).items;
    const id = entry?.id ?? '';
    const { items } = await node.client.settings.undo({ id, scope: 'device' });
    expect(items.map(({ value, is_set }) => [value, is_set])).toEqual([
      [5, false],
      [true, false],
    ]);
    const [undo, undone] = (await node.client.settings.history({ scope: 'device', limit: 2 })).items;
    expect(undo).toMatchObject({ undoes: id, by: 'operator' });
    expect(undone).toMatchObject({ id, undone_by: undo?.id });
    const again = await refusal(node.client.settings.undo({ id, scope: 'device' }));
    expect(again.code).toBe('SETTINGS_CONFLICT');
    expect(again.data).toMatchObject({ conflicts: [{ key: 'resilience.webhook.threshold', theirs: null }, {}] });
  });

  it('page through their history', async () => {
    for (const value of [2, 3, 4])
      await node.set({ key: 'backup.keep', value }, { key: 'events.retry_attempts', value });
    for (const [scope, key] of [
      ['device', 'backup.keep'],
      ['org', 'events.retry_attempts'],
    ] as const) {
      const first = await node.client.settings.history({ scope, key, limit: 2 });
      const rest = await node.client.settings.history({ scope, key, limit: 2, cursor: first.next_cursor ?? '' });
      expect([...first.items, ...rest.items].map(({ changes }) => changes[0]?.after)).toEqual([4, 3, 2]);
      expect(rest.next_cursor).toBeNull();
    }
  });

  it('are taken to another installation, without what is of this one', async () => {
    await node.set({ key: 'server.port', value: 9001 }, { key: 'memory.working_ttl_days', value: 21 });
    const document = await node.client.settings.export({});
    expect(document.settings).toMatchObject({ 'memory.working_ttl_days': 21, 'backup.keep': 4 });
    expect(document.settings).not.toHaveProperty(['server.port']);
    const changed = {
      ...document,
      version: 2,
      settings: {
        ...(document.settings as object),
        'memory.working_ttl_days': 22,
        'events.retry_factor': 9,
        'alerts.slack_url': 'https://x.example',
        'future.thing': { a: 1 },
        'events.retry_attempts': 'many',
      },
    };
    const preview = await node.client.settings.import({ document: changed, dry_run: true });
    expect(preview.changes).toMatchObject([{ key: 'memory.working_ttl_days', before: 21, after: 22 }]);
    expect(preview.skipped.map(({ key }) => key).sort()).toEqual([
      'alerts.slack_url',
      'events.retry_attempts',
      'events.retry_factor',
      'future.thing',
    ]);
    expect(await node.setting('memory.working_ttl_days')).toMatchObject({ value: 21 });
    await node.client.settings.import({ document: changed });
    expect(await node.setting('memory.working_ttl_days')).toMatchObject({ value: 22 });
    expect((await refusal(node.client.settings.import({ document: { a: 1 } }))).message).toContain(
      'archon config export',
    );
  });

  it('follow the file that people write, also one of a newer version', async () => {
    const mine = {
      resilience: { postgres: { threshold: 2 } },
      'future.setting': { kept: 12 },
      'memory.working_ttl_days': 8,
    };
    writeFileSync(file(), JSON.stringify(mine));
    expect(await node.setting('resilience.postgres.threshold')).toMatchObject({ value: 2, is_set: true });
    expect(node.engine.settings.device['resilience.postgres.threshold']).toBe(2);
    // What was set with Archon in the organisation goes over the file.
    expect(await node.setting('memory.working_ttl_days')).toMatchObject({ value: 22, inherited: 8 });
    await node.set({ key: 'resilience.postgres.threshold', value: 3 });
    expect(fileContent()).toEqual({ ...mine, resilience: { postgres: { threshold: 3 } } });

    writeFileSync(file(), JSON.stringify({ 'backup.keep': 0 }));
    expect((await node.client.settings.list({})).notices.join()).toContain('must be a whole number from 1 to 1000');
    expect(node.engine.settings.device['resilience.postgres.threshold']).toBe(3);
    await node.set({ key: 'backup.keep', value: 5 });
    expect(fileContent()).toEqual({ 'backup.keep': 5 });

    writeFileSync(file(), '{"backup.keep": 3');
    expect((await refusal(node.set({ key: 'backup.keep', value: 2 }))).message).toContain('mend it');
    expect(readFileSync(file(), 'utf8')).toBe('{"backup.keep": 3');
  });

  it('tell of a damaged file that was put aside, until they are saved again', async () => {
    writeFileSync(file(), '{"backup.keep": 3');
    await node.restart();
    expect(existsSync(file())).toBe(false);
    const { notices } = await node.client.settings.list({});
    expect(notices).toEqual([expect.stringContaining(`${file()}.damaged-`)]);
    expect(await node.setting('backup.keep')).toMatchObject({ value: 7, is_set: false });
    await node.set({ key: 'backup.keep', value: 9 });
    expect((await node.client.settings.list({})).notices).toEqual([]);
  });

  it('are not for agents', async () => {
    const { createRouterClient } = await import('@orpc/server');
    const { router } = await import('../../../src-main/api/router.ts');
    const { silentLogger } = await import('../../support/test-databases.ts');
    const host = { kind: 'server', api: () => ({ url: null, problem: null }) } as const;
    const scope = { org_id: '00000000-0000-7000-8000-000000000001', actor: 'agent' };
    const agent = createRouterClient(router, {
      context: { services: node.engine.services, scope, logger: silentLogger, host, local: false, interactive: false },
    });
    expect((await refusal(agent.settings.list({}))).code).toBe('FORBIDDEN');
    expect((await refusal(agent.settings.export({}))).code).toBe('FORBIDDEN');
  });
});
