/** Alerts told through real mail servers and receivers of webhooks: how each way fails, and what takes its place. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type OpsDelivery,
  type OpsObservation,
  type OpsReport,
  opsChannelDraft,
  opsRuleDraft,
} from '../../../src-contract/index.ts';
import { sqliteMigrationsFolder } from '../../../src-main/app-files.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { Alerts } from '../../../src-main/ops-agent/alerts/alerts.ts';
import type { OutletOptions } from '../../../src-main/ops-agent/notifications/channel-outlet.ts';
import { ChannelSecrets } from '../../../src-main/ops-agent/notifications/channel-secrets.ts';
import { Channels } from '../../../src-main/ops-agent/notifications/channels.ts';
import { Notifier } from '../../../src-main/ops-agent/notifications/notifier.ts';
import type { AlertChange, DesktopNote, Round } from '../../../src-main/ops-agent/parts.ts';
import { OpsRecords } from '../../../src-main/ops-agent/records/ops-records.ts';
import { RoundLog } from '../../../src-main/ops-agent/records/round-log.ts';
import { Rules } from '../../../src-main/ops-agent/rules/rules.ts';
import { SecretBox } from '../../../src-main/secrets/secret-box.ts';
import { type Config, defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { LiveSettings } from '../../../src-main/settings/live-settings.ts';
import { HistoryStore } from '../../../src-main/storage/history-store.ts';
import { alertSample, idOf, SampleBook, START_MS } from '../../support/ops-alert-samples.ts';
import { opensslAvailable, selfSigned } from '../../support/self-signed.ts';
import { TestClock } from '../../support/test-clock.ts';

const SCOPE = { org_id: LOCAL_ORG_ID, actor: 'ana' };
const SECRET = 'sealed-signing-secret';
const PASSWORD = 'a-very-secret-password';
const closers: (() => void)[] = [];
let folder: string;
let store: HistoryStore;
let clock: TestClock;
let log: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-notify-'));
  store = new HistoryStore(join(folder, 'history.db'), sqliteMigrationsFolder);
  clock = new TestClock(START_MS);
  log = [];
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const ROUND: Round = {
  org_id: LOCAL_ORG_ID,
  at_ms: START_MS,
  observations: [],
  failed: [],
  elapsed_ms: 60_000,
  mode: 'automatic',
  paused: false,
};

function depsOf(values: Partial<Config> = {}, node = 'one:1') {
  const config = { ...defaultConfig(folder), 'events.webhooks_allow_private': true, ...values };
  return {
    records: new OpsRecords(store.db, { shared: false, clock }),
    rounds: new RoundLog(store.db),
    settings: new LiveSettings(config),
    clock,
    logger: pino({ level: 'trace' }, { write: (line: string) => void log.push(line) }),
    secrets: new SecretBox({ data_dir: folder, passphrase: null }),
    node,
  };
}

function open(
  values: Partial<Config> = {},
  { node = 'one:1', outlet = {} }: { node?: string; outlet?: OutletOptions } = {},
) {
  const book = new SampleBook(() => clock.now());
  let leads = true;
  const deps = { ...depsOf(values, node), leads: () => leads };
  const { records, secrets } = deps;
  const channels = new Channels({ ...deps, outlet });
  const notifier = new Notifier({ ...deps, channels, alerts: book, random: () => 0.5 });
  closers.push(() => void notifier.stop());
  return {
    book,
    channels,
    notifier,
    records,
    secrets,
    lead: (value: boolean) => {
      leads = value;
    },
    dispatch: (...changes: AlertChange[]) => notifier.dispatch(ROUND, changes),
    /** A round, and what is due after so long. */
    pass: async (ms: number) => {
      notifier.dispatch(ROUND, []);
      await notifier.tick();
      clock.advance({ ms });
      await notifier.tick();
    },
    add: (given: Record<string, unknown>) => channels.create(SCOPE, opsChannelDraft.parse(given)),
    deliveries: async (): Promise<OpsDelivery[]> => (await channels.deliveries(SCOPE, { limit: 100 })).items.reverse(),
  };
}

interface Received {
  headers: NodeJS.Dict<string | string[]>;
  text: string;
}

async function receiver(answer: (response: ServerResponse, count: number) => void = (response) => response.end('ok')) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, text: Buffer.concat(chunks).toString('utf8') });
      answer(response, received.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/token-of-the-receiver` };
}

const hook = (url: string, more: Record<string, unknown> = {}, name = 'Hook') => ({
  name,
  target: { kind: 'webhook', preset: 'archon', url, secret: SECRET },
  ...more,
});

describe('webhooks', () => {
  it('are told that an alert fires and that it is over, signed, and the timeline of the alert tells it', async () => {
    const { received, url } = await receiver();
    const world = open();
    await world.add(hook(url));
    world.book.set(alertSample(1));
    await world.pass(30_000);
    const [first] = received;
    const body: unknown = JSON.parse(first?.text ?? '');
    expect(body).toMatchObject({
      type: 'alerts',
      about: 'firing',
      severity: 'high',
      alerts: [{ rule: 'disk-full', status: 'firing' }],
    });
    const [, t = '', v1 = ''] = /^t=(\d+),v1=(\w+)$/.exec(String(first?.headers['archon-signature'])) ?? [];
    expect(v1).toBe(createHmac('sha256', SECRET).update(`${t}.${first?.text}`).digest('hex'));
    world.book.resolve(idOf(1));
    await world.pass(300_000);
    expect(received.map(({ text }) => JSON.parse(text).about)).toEqual(['firing', 'resolved']);
    const deliveries = await world.deliveries();
    expect(deliveries.map(({ state }) => state.state)).toEqual(['sent', 'sent']);
    expect(world.book.get('', idOf(1))?.timeline).toMatchObject([
      { kind: 'notified', text: 'Told through “Hook”.', ref: deliveries[0]?.id },
      { kind: 'notified', ref: deliveries[1]?.id },
    ]);
    const shown = world.channels.list(SCOPE).items.find(({ name }) => name === 'Hook');
    expect(shown).toMatchObject({ sent_last_hour: 2, waiting: 0, last_failure: null });
  });

  it('are told of what is escalated while they are slow to take what was before', async () => {
    let escalate = () => {};
    const { received, url } = await receiver((response, count) => {
      if (count === 1) escalate();
      response.end();
    });
    const world = open();
    escalate = () => world.book.change(idOf(1), { escalation: 1, severity: 'critical' });
    await world.add(hook(url));
    world.book.set(alertSample(1));
    await world.pass(30_000);
    await world.pass(60_000);
    const told = received.map(({ text }) => JSON.parse(text)).map(({ about, severity }) => [about, severity]);
    expect(told).toEqual([
      ['firing', 'high'],
      ['escalated', 'critical'],
    ]);
  });

  it('wait as long as a receiver asks that was sent too much', async () => {
    const { received, url } = await receiver((response, count) =>
      count === 1 ? response.writeHead(429, { 'retry-after': '120' }).end() : response.end(),
    );
    const world = open();
    await world.add(hook(url));
    world.book.set(alertSample(1));
    await world.pass(30_000);
    expect(await world.deliveries()).toMatchObject([
      { state: { state: 'retrying', attempts: 1, next_at: new Date(START_MS + 150_000).toISOString(), error: /429/ } },
    ]);
    await world.pass(119_000);
    expect(received).toHaveLength(1);
    await world.pass(1000);
    expect(await world.deliveries()).toMatchObject([{ state: { state: 'sent', attempts: 2 } }]);
  });

  it('that fail are tried five times; then the fallback is used', async () => {
    const bad = await receiver((response) => response.writeHead(500).end('broken'));
    const good = await receiver();
    const world = open();
    const fallback = await world.add(hook(good.url, { min_severity: 'critical' }, 'Spare'));
    await world.add(hook(bad.url, { fallback: fallback.id }));
    world.book.set(alertSample(1));
    for (let minute = 0; minute < 20; minute += 1) await world.pass(60_000);
    expect(bad.received).toHaveLength(5);
    expect(good.received).toHaveLength(1);
    const [failed, instead] = await world.deliveries();
    expect(failed?.state).toMatchObject({
      state: 'failed',
      attempts: 5,
      error: /failed \(500\)/,
      fallback: instead?.id,
    });
    expect(instead?.why.join('\n')).toMatch(/“Hook” failed for good/);
    expect(world.book.get('', idOf(1))?.timeline.map(({ text }) => text)).toEqual([
      expect.stringMatching(/“Hook” could not be told: .*500.*“Spare” is told instead\./),
      'Told through “Spare”.',
    ]);
  });

  it('that do not answer hold up neither others nor the round', async () => {
    const held: ServerResponse[] = [];
    const slow = await receiver((response) => void held.push(response));
    const good = await receiver();
    const world = open();
    await world.add(hook(slow.url, {}, 'Slow'));
    await world.add(hook(good.url, {}, 'Good'));
    world.book.set(alertSample(1));
    world.dispatch();
    clock.advance({ ms: 30_000 });
    world.dispatch();
    await expect.poll(() => good.received.length).toBe(1);
    await expect.poll(() => held.length).toBe(1);
    world.dispatch();
    await world.notifier.stop();
    const open_ = (await world.deliveries()).filter(({ state }) => state.state === 'waiting');
    expect(open_).toMatchObject([{ channel_name: 'Slow', state: { reason: 'sending' } }]);
  });

  it('that refuse a message are not asked again, and no secret is told anywhere', async () => {
    const { url } = await receiver((response) => response.writeHead(403).end(`no ${url} ${SECRET}`));
    const world = open();
    await world.add(hook(url));
    world.book.set(alertSample(1));
    await world.pass(30_000);
    const deliveries = await world.deliveries();
    expect(deliveries).toMatchObject([{ state: { state: 'failed', attempts: 1, error: /refused it \(403\)/ } }]);
    const everything = JSON.stringify([
      deliveries,
      world.channels.list(SCOPE),
      world.book.active(LOCAL_ORG_ID),
      store.db.prepare('SELECT * FROM ops_records').all(),
      log,
    ]);
    expect(everything).not.toContain(SECRET);
    expect(everything).not.toContain('token-of-the-receiver');
  });

  it('lead to no private address unless that is set', async () => {
    const { received, url } = await receiver();
    const world = open({ 'events.webhooks_allow_private': false });
    await expect(world.add(hook(url))).rejects.toThrow(/private or local address/);
    const named = await world.add(hook(url.replace('127.0.0.1', 'localhost')));
    const test = await world.channels.test(SCOPE, { channel: named.id });
    expect(test).toMatchObject({ about: 'test', state: { state: 'failed', error: /private or local address/ } });
    expect(received).toEqual([]);
  });

  it('of the settings are used once they are switched on there', async () => {
    const { received, url } = await receiver();
    const world = open({ 'alerts.webhook_enabled': true, 'alerts.webhook_url': url, 'alerts.webhook_secret': SECRET });
    world.book.set(alertSample(1));
    await world.pass(30_000);
    expect(received).toHaveLength(1);
    expect(world.channels.list(SCOPE).items.find(({ id }) => id === 'webhook')).toMatchObject({
      problem: null,
      target: { url: { set: true, from_settings: true, hint: /^127\.0\.0\.1:\d+\/…iver$/ } },
    });
  });

  it('are tried with what is not saved yet, and what is kept already', async () => {
    const { received, url } = await receiver();
    const world = open();
    const kept = await world.add(hook(url));
    const draft = opsChannelDraft.parse({ name: 'Hook', target: { kind: 'webhook', preset: 'discord' } });
    expect(await world.channels.test(SCOPE, { channel: kept.id, draft })).toMatchObject({ state: { state: 'sent' } });
    expect(JSON.parse(received[0]?.text ?? '')).toMatchObject({ username: 'Archon', allowed_mentions: { parse: [] } });
    const fresh = opsChannelDraft.parse(hook(`${url}/fresh`));
    expect(await world.channels.test(SCOPE, { channel: null, draft: fresh })).toMatchObject({
      state: { state: 'sent' },
    });
    expect(world.channels.list(SCOPE).items).toHaveLength(5);
  });
});

describe('a process that ends, or leads no more', () => {
  it('goes on where the one before was, and takes up what that was sending after a while', async () => {
    const held: ServerResponse[] = [];
    const { received, url } = await receiver((response, count) =>
      count === 1 ? void held.push(response) : response.end(),
    );
    const first = open();
    await first.add(hook(url));
    first.book.set(alertSample(1));
    first.dispatch();
    clock.advance({ ms: 30_000 });
    void first.notifier.tick();
    await expect.poll(() => held.length).toBe(1);
    // It was killed: nothing of what follows is noted by it.
    first.lead(false);
    const next = open({}, { node: 'two:2' });
    next.book.set(alertSample(1));
    await next.pass(10_000);
    expect(received).toHaveLength(1);
    await next.pass(60_000);
    expect(received).toHaveLength(2);
    expect(await next.deliveries()).toMatchObject([{ state: { state: 'sent', attempts: 2 } }]);
  });

  it('shows at its own desktop what begins and ends meanwhile, in one note, by what that takes', async () => {
    const world = open();
    const notes: DesktopNote[] = [];
    world.notifier.onDesktopNote((note) => notes.push(note));
    world.lead(false);
    world.book.set(alertSample(1));
    await world.notifier.tick();
    expect(notes).toEqual([]);
    world.book.set(alertSample(2));
    world.book.set(alertSample(3, { severity: 'critical' }));
    world.book.set(alertSample(4, { notify: false }));
    world.book.set(alertSample(5, { silenced_by: idOf(9) }));
    await world.notifier.tick();
    await world.notifier.tick();
    expect(notes).toMatchObject([{ title: '[Critical] Disk in use is 91 %, alert 3. (and 1 more)' }]);
    world.book.change(idOf(2), { escalation: 1 });
    world.book.change(idOf(5), { silenced_by: null });
    await world.notifier.tick();
    expect(notes[1]?.title).toMatch(/alert 2.*and 1 more/);
    for (const number of [1, 3, 4]) world.book.resolve(idOf(number));
    await world.notifier.tick();
    expect(notes[2]?.title).toMatch(/^\[Resolved\] .*and 1 more/);
    expect(notes).toHaveLength(3);
    expect(await world.deliveries()).toEqual([]);
  });

  it('sends nothing more of what waits', async () => {
    const { received, url } = await receiver();
    const world = open();
    await world.add(hook(url));
    world.book.set(alertSample(1));
    world.dispatch();
    world.lead(false);
    clock.advance({ minutes: 5 });
    await world.notifier.tick();
    expect(received).toEqual([]);
    world.lead(true);
    await world.notifier.tick();
    expect(received).toHaveLength(1);
  });
});

describe('with the judge of alerts', () => {
  /** Rounds of a minute in which a disk is as full as is said. */
  function judged(values: Partial<Config> = {}) {
    const deps = depsOf(values);
    const rules = new Rules({ ...deps, noteSettings: async () => {} });
    const alerts = new Alerts({ ...deps, rules });
    const channels = new Channels(deps);
    const notifier = new Notifier({ ...deps, channels, alerts, random: () => 0.5 });
    const minute = async (disk_percent: number, { isTold = true } = {}) => {
      clock.advance({ minutes: 1 });
      const observations: OpsObservation[] = [
        { signal: 'disk_percent', labels: { node: 'one' }, value: disk_percent, detail: null },
      ];
      const round: Round = { ...ROUND, at_ms: clock.now(), observations };
      const changes = alerts.judge(round);
      notifier.dispatch(round, isTold ? changes : []);
      await notifier.tick();
    };
    const minutes = async (count: number, disk_percent: number) => {
      for (let done = 0; done < count; done += 1) await minute(disk_percent);
    };
    const add = (given: Record<string, unknown>) => channels.create(SCOPE, opsChannelDraft.parse(given));
    return { alerts, rules, minute, minutes, add };
  }
  it('tells the channels of a step also when whoever judged it ended before it told', async () => {
    const { received, url } = await receiver();
    const { alerts, rules, minute, minutes, add } = judged();
    const { id } = await add(hook(url, { matchers: [{ label: 'rule', value: 'no-such' }] }));
    const limit = { kind: 'number', value: 50 };
    await rules.create(
      SCOPE,
      opsRuleDraft.parse({
        name: 'Half',
        conditions: [{ signal: 'disk_percent', operator: '>', limit }],
        severity: 'low',
        escalation: [{ after: { kind: 'seconds', seconds: 120 }, severity: 'high', channels: [id] }],
      }),
    );
    await minutes(2, 60);
    await minute(60, { isTold: false });
    expect(alerts.active(SCOPE.org_id)).toMatchObject([{ escalation: 1 }]);
    await minutes(5, 60);
    expect(aboutOf(received)).toEqual(['escalated']);
  });

  const aboutOf = (received: readonly Received[]) => received.map(({ text }) => JSON.parse(text).about);

  it('tells of a disk that is full once, until it is not', async () => {
    const { received, url } = await receiver();
    const { alerts, minutes, add } = judged();
    await add(hook(url));
    await minutes(30, 95);
    expect(aboutOf(received)).toEqual(['firing']);
    await minutes(15, 40);
    expect(aboutOf(received)).toEqual(['firing', 'resolved']);
    expect(JSON.parse(received[0]?.text ?? '').alerts).toMatchObject([
      { rule: 'disk-full', labels: { node: 'one' }, value: 95 },
    ]);
    const { items } = await alerts.list(SCOPE, { limit: 10 });
    const kinds = items.flatMap(({ id }) => alerts.get(SCOPE, id).timeline.map(({ kind }) => kind));
    expect(kinds.filter((kind) => kind.includes('notified'))).toEqual(['notified', 'notified']);
  });

  it('tells nobody of what is silenced, and says so', async () => {
    const { received, url } = await receiver();
    const { alerts, minutes, add } = judged();
    await add(hook(url));
    const [from = '', to = ''] = [0, 20 * 60_000].map((ms) => new Date(clock.now() + ms).toISOString());
    const matchers = [{ label: 'rule', value: 'disk-*' }];
    alerts.silence(SCOPE, { matchers, time: { kind: 'once', from, to }, hold_actions: false, reason: 'moving disks' });
    await minutes(15, 95);
    expect(received).toEqual([]);
    const [alert] = alerts.active(LOCAL_ORG_ID);
    expect(alert?.timeline.filter(({ kind }) => kind === 'not_notified')).toMatchObject([
      { text: expect.stringMatching(/a silence keeps it quiet/) },
    ]);
    await minutes(10, 95);
    expect(aboutOf(received)).toEqual(['firing']);
  });

  it('tells again of what nobody acknowledges', async () => {
    const { received, url } = await receiver();
    const { alerts, minutes, add } = judged({ 'alerts.repeat_hours': 1 });
    await add(hook(url));
    await minutes(70, 95);
    expect(aboutOf(received)).toEqual(['firing', 'repeat']);
    alerts.acknowledge(SCOPE, { alert: alerts.active(LOCAL_ORG_ID)[0]?.id ?? '' });
    await minutes(70, 95);
    expect(aboutOf(received)).toEqual(['firing', 'repeat']);
  });
});

describe('the desktop', () => {
  it('shows what it is told, and without one nothing has failed', async () => {
    const world = open();
    world.book.set(alertSample(1));
    await world.pass(60_000);
    expect(await world.deliveries()).toEqual([]);
    expect(world.channels.list(SCOPE).items[0]).toMatchObject({
      id: 'desktop',
      problem: 'No desktop app is open here.',
    });
    const notes: DesktopNote[] = [];
    world.notifier.onDesktopNote((note) => notes.push(note));
    await world.pass(60_000);
    expect(notes).toMatchObject([{ title: /^\[High\] Disk in use/, severity: 'high', path: '/ops-agent/alerts' }]);
    expect(await world.deliveries()).toMatchObject([{ kind: 'desktop', state: { state: 'sent' } }]);
  });
});

describe('reports', () => {
  const report: OpsReport = {
    id: idOf(7),
    from: '2026-01-04T07:00:00.000Z',
    to: '2026-01-05T07:00:00.000Z',
    created_at: '2026-01-05T07:00:01.000Z',
    trigger: 'person',
    created_by: 'ana',
    summary: 'All was well.',
    sent_to: [],
    data: {
      from: '2026-01-04T07:00:00.000Z',
      to: '2026-01-05T07:00:00.000Z',
      time_zone: 'UTC',
      recorded_percent: 100,
      summary: 'All was well.',
      figures: [],
      components: [],
      breakers: [],
      workers: [],
      errors: [],
      alerts: [],
      actions: [],
      recommendations: [],
    },
  };
  const document = { html: '<p>All was well.</p>', text: 'All was well.' };

  it('go to the channels that take them, or to the one that is named, also where another node leads', async () => {
    const { received, url } = await receiver();
    const world = open();
    world.lead(false);
    const without = await world.add(hook(url, {}, 'Without'));
    await world.add(hook(url, { send_reports: true }, 'With'));
    expect(world.notifier.sendReport(SCOPE, report, document)).toEqual(['With']);
    await world.notifier.tick();
    expect(JSON.parse(received[0]?.text ?? '')).toMatchObject({
      type: 'report',
      html: document.html,
      subject: /2026-01-05: All was well/,
    });
    expect(world.notifier.sendReport(SCOPE, report, document, without.id)).toEqual(['Without']);
    await world.notifier.tick();
    expect(received).toHaveLength(2);
    expect(await world.deliveries()).toMatchObject([
      { about: 'report' },
      { about: 'report', state: { state: 'sent' } },
    ]);
    expect(JSON.stringify(store.db.prepare('SELECT document FROM ops_records').all())).not.toContain('<p>');
    expect(() => world.notifier.sendReport(SCOPE, report, document, 'nowhere')).toThrow(/no channel/);
  });
});

describe('secrets', () => {
  it('are sealed anew with a new key', async () => {
    const { received, url } = await receiver();
    const world = open();
    await world.add(hook(url));
    const place = new ChannelSecrets({ records: world.records, organisations: () => [LOCAL_ORG_ID] });
    const before = JSON.stringify(world.records.list(LOCAL_ORG_ID, 'channel', { limit: 9 }));
    world.secrets.addKey({ locked: false });
    const again = (sealed: string, where: string) => world.secrets.sealAgain(sealed, where);
    expect(await place.reseal(again)).toEqual({ count: 2, unreadable: 0 });
    expect(JSON.stringify(world.records.list(LOCAL_ORG_ID, 'channel', { limit: 9 }))).not.toBe(before);
    world.book.set(alertSample(1));
    await world.pass(30_000);
    expect(received).toHaveLength(1);
  });
});

describe.runIf(opensslAvailable)('mail', () => {
  let tls: { key: string; cert: string };
  beforeAll(() => {
    tls = selfSigned();
  });

  async function mailServer(options: ConstructorParameters<typeof SMTPServer>[0] = {}) {
    const mails: { text: string; secure: boolean }[] = [];
    const server = new SMTPServer({
      ...tls,
      allowInsecureAuth: true,
      logger: false,
      onAuth: ({ password }, _session, done) =>
        password === PASSWORD ? done(null, { user: 'archon' }) : done(new Error(`not with ${password}`)),
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          mails.push({ text: Buffer.concat(chunks).toString('utf8'), secure: session.secure });
          done();
        });
      },
      ...options,
    });
    server.on('error', () => {});
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    closers.push(() => server.close());
    return { mails, port: (server.server.address() as AddressInfo).port };
  }

  const mailSettings = (port: number, more: Partial<Config> = {}): Partial<Config> => ({
    'alerts.email_enabled': true,
    'alerts.smtp_host': 'localhost',
    'alerts.smtp_port': port,
    'alerts.smtp_username': 'archon',
    'alerts.smtp_password': PASSWORD,
    'alerts.email_from': 'archon@example.com',
    'alerts.email_to': ['ops@example.com'],
    ...more,
  });

  it.each([
    ['starttls', {}],
    ['tls', { secure: true }],
  ] as const)('goes out by %s, as HTML and as text', async (kind, options) => {
    const { mails, port } = await mailServer(options);
    const world = open(mailSettings(port, { 'alerts.smtp_tls': kind }), { outlet: { ca: tls.cert } });
    world.book.set(alertSample(1, { summary: 'Disk <script> is full.' }));
    await world.pass(30_000);
    expect(await world.deliveries()).toMatchObject([{ kind: 'email', state: { state: 'sent', attempts: 1 } }]);
    expect(mails).toMatchObject([{ secure: true }]);
    const text = mails[0]?.text ?? '';
    expect(text).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(text).toContain('Content-Type: text/plain');
    expect(text).toContain('Content-Type: text/html');
    expect(text.split('Content-Type: text/html')[1]).not.toContain('<script>');
  });

  it('is given up in time where the server takes the connection and says nothing; the other channel is told', async () => {
    const sockets: Socket[] = [];
    const silent = net.createServer((socket) => void sockets.push(socket));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    closers.push(() => {
      silent.close();
      for (const socket of sockets) socket.destroy();
    });
    const { received, url } = await receiver();
    const { port } = silent.address() as AddressInfo;
    const world = open(mailSettings(port, { 'alerts.smtp_host': '127.0.0.1' }), { outlet: { attempt_ms: 400 } });
    await world.add(hook(url));
    world.book.set(alertSample(1));
    await world.pass(30_000);
    expect(received).toHaveLength(1);
    expect((await world.deliveries()).find(({ kind }) => kind === 'email')).toMatchObject({
      state: { state: 'retrying', attempts: 1, error: /did not take the mail within 0\.4 s/ },
    });
  });

  it('with a wrong password fails at once, and nobody is told the password', async () => {
    const { port } = await mailServer();
    const world = open(mailSettings(port, { 'alerts.smtp_password': `${PASSWORD}-old` }), { outlet: { ca: tls.cert } });
    world.book.set(alertSample(1));
    await world.pass(30_000);
    const deliveries = await world.deliveries();
    expect(deliveries).toMatchObject([
      { state: { state: 'failed', attempts: 1, error: /did not accept user and password/ } },
    ]);
    expect(JSON.stringify([deliveries, log, world.book.active('')])).not.toContain(PASSWORD);
  });
});
