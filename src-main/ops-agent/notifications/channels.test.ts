import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OpsChannelDraft, opsChannel, opsChannelDraft } from '../../../src-contract/index.ts';
import { TestClock } from '../../../tests/support/test-clock.ts';
import { sqliteMigrationsFolder } from '../../app-files.ts';
import { SecretBox } from '../../secrets/secret-box.ts';
import { defaultConfig } from '../../settings/config-schema.ts';
import { LiveSettings } from '../../settings/live-settings.ts';
import { HistoryStore } from '../../storage/history-store.ts';
import { OpsRecords } from '../records/ops-records.ts';
import { RoundLog } from '../records/round-log.ts';
import { Channels } from './channels.ts';

const SCOPE = { org_id: '00000000-0000-7000-8000-000000000001', actor: 'ana' };
let folder: string;
let store: HistoryStore;
let settings: LiveSettings;
let channels: Channels;
let records: OpsRecords;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-channels-'));
  store = new HistoryStore(join(folder, 'history.db'), sqliteMigrationsFolder);
  settings = new LiveSettings(defaultConfig(folder));
  records = new OpsRecords(store.db, { shared: false });
  channels = new Channels({
    records,
    rounds: new RoundLog(store.db),
    settings,
    clock: new TestClock('2026-01-05T12:00:00Z'),
    logger: pino({ enabled: false }),
    secrets: new SecretBox({ data_dir: folder, passphrase: null }),
    node: 'one:1',
  });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const SLACK = 'https://hooks.slack.com/services/T000/B000/a-token-that-is-secret';
const draft = (given: Record<string, unknown> = {}): OpsChannelDraft =>
  opsChannelDraft.parse({ name: 'Team', target: { kind: 'slack', url: SLACK }, ...given });
const find = (id: string) => {
  const channel = channels.list(SCOPE).items.find((one) => one.id === id);
  if (channel === undefined) throw new Error(`no ${id}`);
  return opsChannel.parse(channel);
};

describe('channels that are always there', () => {
  it('say what is missing', () => {
    expect(channels.list(SCOPE).items.map(({ id, origin, problem }) => [id, origin, problem])).toEqual([
      ['desktop', 'settings', 'No desktop app is open here.'],
      ['email', 'settings', 'It is switched off in the settings (alerts.email_enabled).'],
      ['slack', 'settings', 'It is switched off in the settings (alerts.slack_enabled).'],
      ['webhook', 'settings', 'It is switched off in the settings (alerts.webhook_enabled).'],
    ]);
    expect(channels.list(SCOPE).items.map(({ off_by_setting }) => off_by_setting)).toEqual([
      null,
      'alerts.email_enabled',
      'alerts.slack_enabled',
      'alerts.webhook_enabled',
    ]);
    settings.setDevice({ ...settings.device, 'alerts.email_enabled': true, 'alerts.smtp_host': 'mail.example.com' });
    expect(find('email')).toMatchObject({ problem: expect.stringMatching(/No sender is set/), off_by_setting: null });
    settings.setDevice({
      ...settings.device,
      'alerts.email_from': 'a@example.com',
      'alerts.email_to': ['b@example.com'],
    });
    expect(find('email')).toMatchObject({ problem: null, target: { server: 'mail.example.com:587', to: [] } });
  });

  it('are changed, and go back to what they were', async () => {
    const { revision, name } = find('slack');
    const changed = await channels.update(SCOPE, {
      channel: 'slack',
      revision,
      draft: draft({ name, min_severity: 'high', target: { kind: 'slack' } }),
    });
    expect(changed.min_severity).toBe('high');
    await expect(
      channels.update(SCOPE, {
        channel: 'slack',
        revision: changed.revision,
        draft: draft({ target: { kind: 'desktop' } }),
      }),
    ).rejects.toThrow(/must stay slack/);
    const { channel } = await channels.remove(SCOPE, { channel: 'slack', revision: changed.revision });
    expect(channel).toMatchObject({ min_severity: 'low', revision });
  });
});

describe('channels that are added', () => {
  it('keep their secrets to themselves, and through a change that does not name them', async () => {
    const made = await channels.create(SCOPE, draft());
    expect(made).toMatchObject({
      origin: 'custom',
      problem: null,
      target: { url: { set: true, from_settings: false } },
    });
    expect(JSON.stringify(made)).not.toContain(SLACK.slice(-10));
    expect(JSON.stringify(store.db.prepare('SELECT * FROM ops_records').all())).not.toContain('a-token');
    const change = {
      channel: made.id,
      revision: made.revision,
      draft: draft({ target: { kind: 'slack' }, enabled: false }),
    };
    const changed = await channels.update(SCOPE, change);
    expect(changed).toMatchObject({ enabled: false, target: made.target });
    await expect(channels.update(SCOPE, change)).rejects.toMatchObject({ code: 'CONFLICT' });
    const forgotten = await channels.update(SCOPE, {
      channel: made.id,
      revision: changed.revision,
      draft: draft({ target: { kind: 'slack', url: null } }),
    });
    expect(forgotten).toMatchObject({ problem: /has no URL/, target: { url: { set: false } } });
    await channels.remove(SCOPE, { channel: made.id, revision: forgotten.revision });
    await expect(channels.remove(SCOPE, { channel: made.id, revision: 'x' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('have names of their own, and fallbacks that do not go round', async () => {
    const one = await channels.create(SCOPE, draft({ name: 'One' }));
    await expect(channels.create(SCOPE, draft({ name: 'oNE' }))).rejects.toThrow(/name of another channel/);
    await expect(channels.create(SCOPE, draft({ fallback: 'nowhere' }))).rejects.toThrow(
      /another channel that there is/,
    );
    const two = await channels.create(SCOPE, draft({ name: 'Two', fallback: one.id }));
    const three = await channels.create(SCOPE, draft({ name: 'Three', fallback: two.id }));
    for (const fallback of [one.id, three.id]) {
      const change = { channel: one.id, revision: one.revision, draft: draft({ name: 'One', fallback }) };
      await expect(channels.update(SCOPE, change)).rejects.toThrow(/leads back to this channel/);
    }
    await expect(channels.remove(SCOPE, { channel: one.id, revision: one.revision })).rejects.toThrow(
      /fallback of “Two”/,
    );
  });

  it.each([
    [{ target: { kind: 'slack', url: 'ftp://x' } }, 'draft.target.url'],
    [{ target: { kind: 'slack', url: 'https://me:pass@x/' } }, 'draft.target.url'],
    [{ target: { kind: 'slack', url: 'http://169.254.169.254/' } }, 'draft.target.url'],
    [{ target: { kind: 'webhook', preset: 'template', template: '{' } }, 'draft.target.template'],
    [{ target: { kind: 'webhook', preset: 'pagerduty' }, send_reports: true }, 'draft.send_reports'],
    [{ quiet_hours: { from: '22:00', to: '06:00', time_zone: 'Mars/Crater' } }, 'draft.quiet_hours.time_zone'],
  ])('are refused as %o', async (given, field) => {
    await expect(channels.create(SCOPE, draft(given))).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ field }],
    });
    expect(channels.list(SCOPE).items).toHaveLength(4);
  });

  it('send the key of PagerDuty to PagerDuty alone', async () => {
    settings.setDevice({
      ...settings.device,
      'alerts.webhook_url': 'https://x.example.com',
      'alerts.webhook_secret': 'of-the-settings',
    });
    const target = { kind: 'webhook', preset: 'pagerduty' };
    const made = await channels.create(SCOPE, draft({ target }));
    expect(made.problem).toMatch(/no routing key/);
    const duty = await channels.create(SCOPE, draft({ name: 'Duty', target: { ...target, secret: 'routing-key' } }));
    expect(channels.all(SCOPE.org_id).find((one) => one.draft.name === 'Duty')?.route).toMatchObject({
      url: 'https://events.pagerduty.com/v2/enqueue',
      secret: 'routing-key',
    });
    const led_away = draft({ name: 'Duty', target: { ...target, url: 'https://elsewhere.example.com/' } });
    const refused = { code: 'VALIDATION_FAILED', message: expect.stringContaining('draft.target.secret') };
    await expect(channels.test(SCOPE, { channel: duty.id, draft: led_away })).rejects.toMatchObject(refused);
    const change = { channel: duty.id, revision: duty.revision, draft: led_away };
    await expect(channels.update(SCOPE, change)).rejects.toMatchObject(refused);
    const renamed = draft({ name: 'On duty', target });
    await channels.update(SCOPE, { ...change, draft: renamed });
  });

  it('say that their secrets cannot be read', async () => {
    const made = await channels.create(SCOPE, draft());
    const document = records.get(SCOPE.org_id, 'channel', made.id);
    if (document === undefined) throw new Error('not kept');
    // As another data folder has it, with another key.
    const sealed = new SecretBox({ data_dir: folder, passphrase: 'another passphrase' }).seal(SLACK, 'elsewhere');
    records.put(SCOPE.org_id, 'channel', {
      id: made.id,
      at_ms: 1,
      open: true,
      document: { ...document, sealed: { url: sealed } },
    });
    expect(find(made.id)).toMatchObject({
      problem: /No key reads its secrets/,
      target: { url: { set: true, hint: null } },
    });
    await expect(channels.test(SCOPE, { channel: made.id })).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('deliveries', () => {
  it('are listed page by page, and by what is asked for', async () => {
    for (let number = 0; number < 5; number += 1)
      await channels.test(SCOPE, { channel: number % 2 ? 'desktop' : 'email' });
    const all: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<Channels['deliveries']>> = await channels.deliveries(SCOPE, {
        limit: 2,
        ...(cursor === null ? {} : { cursor }),
      });
      all.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(new Set(all).size).toBe(5);
    const of_desktop = await channels.deliveries(SCOPE, { limit: 2, channel: 'desktop', states: ['failed'] });
    expect(of_desktop).toMatchObject({ items: [{ channel_id: 'desktop' }, {}], next_cursor: null });
    expect(Object.keys(of_desktop.items[0] ?? {})).not.toContain('work');
  });
});
