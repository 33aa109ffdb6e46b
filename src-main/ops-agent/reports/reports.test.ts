import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestClock } from '../../../tests/support/test-clock.ts';
import { sqliteMigrationsFolder } from '../../app-files.ts';
import { LOCAL_ORG_ID } from '../../identity/scope.ts';
import { defaultConfig } from '../../settings/config-schema.ts';
import { LiveSettings } from '../../settings/live-settings.ts';
import { HistoryStore } from '../../storage/history-store.ts';
import type { OpsSources } from '../deps.ts';
import { OpsRecords } from '../records/ops-records.ts';
import { RoundLog } from '../records/round-log.ts';
import { Reports, type ReportsDeps } from './reports.ts';

const scope = { org_id: LOCAL_ORG_ID, actor: 'mira' };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let folder: string;
let history: HistoryStore;
let clock: TestClock;
let settings: LiveSettings;
let sent: { report: string; channel: string | undefined }[];
let takers: string[];
let sending: () => void;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-reports-'));
  history = new HistoryStore(join(folder, 'history.db'), sqliteMigrationsFolder);
  history.db.pragma('synchronous = OFF');
  clock = new TestClock('2026-11-29T06:00:00.000Z');
  settings = new LiveSettings({ ...defaultConfig(folder), 'ops.report_time_zone': 'Europe/Berlin' });
  sent = [];
  takers = ['mail'];
  sending = () => {};
});
afterEach(() => {
  history.close();
  rmSync(folder, { recursive: true });
});

/** Where there is nothing but the notes of the agent: every other source is away. */
const away = {
  database: { withScope: async () => await Promise.reject(new Error('the database is away')) },
  metrics: { period: async () => await Promise.reject(new Error('the metrics are away')) },
  resilience: {
    history: () => {
      throw new Error('the history is away');
    },
    list: () => [],
  },
  logs: { list: async () => await Promise.reject(new Error('the log is away')) },
};

/** A process that begins on what is there. */
function life(): { reports: Reports; deps: ReportsDeps } {
  const deps = {
    records: new OpsRecords(history.db, { shared: false }),
    rounds: new RoundLog(history.db),
    settings,
    clock,
    logger: pino({ level: 'silent' }),
    node: 'a:1',
    // Only what a report asks of them.
    sources: away as unknown as OpsSources,
    dispatcher: {
      sendReport: (_scope: unknown, report: { id: string }, _document: unknown, channel?: string) => {
        sending();
        if (takers.length > 0) sent.push({ report: report.id, channel });
        return takers;
      },
    },
  } as unknown as ReportsDeps;
  return { reports: new Reports(deps), deps };
}

/** An hour in which the agent looked every minute. */
function recordHour({ rounds }: ReportsDeps, level = 0): void {
  for (let minute = 0; minute < 60; minute += 1) {
    clock.advance({ minutes: 1 });
    rounds.add(LOCAL_ORG_ID, {
      at_ms: clock.now(),
      covered_ms: 60_000,
      observations: [{ signal: 'component_status', labels: { component: 'database', node: 'a:1' }, value: level }],
      failed: [],
    });
  }
}

const list = (reports: Reports) => reports.list(scope, { limit: 100 });
const figure = (report: ReturnType<Reports['get']>, key: string) => report.data.figures.find((one) => one.key === key);

describe('a report that is made by itself', () => {
  it('comes once at its time, whatever processes there were, and is sent', async () => {
    const first = life();
    // From 7:00 in Berlin, when the agent looked for the first time, for 25 hours.
    for (let hour = 0; hour < 25; hour += 1) {
      recordHour(first.deps, hour === 10 ? 2 : 0);
      await (hour % 5 === 0 ? life().reports : first.reports).round(LOCAL_ORG_ID, clock.now());
    }
    const { items, next_at } = list(life().reports);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      from: '2026-11-29T06:01:00.000Z',
      to: '2026-11-30T06:00:00.000Z',
      trigger: 'schedule',
      created_by: null,
      sent_to: ['mail'],
    });
    expect(next_at).toBe('2026-12-01T06:00:00.000Z');
    expect(sent).toEqual([{ report: items[0]?.id, channel: undefined }]);
    const report = first.reports.get(scope, items[0]?.id ?? '');
    expect(figure(report, 'uptime_percent')?.value).toBeCloseTo((100 * (24 * 60 - 61)) / (24 * 60 - 1), 5);
    expect(report.data.components).toMatchObject([{ component: 'database', outages: 1, mttr_seconds: 3600 }]);
    expect(report.data.recorded_percent).toBeCloseTo(100, 5);
  });

  it('leaves out the figures of what is away', async () => {
    const { reports, deps } = life();
    recordHour(deps);
    const { data } = await reports.create(scope);
    const told = data.figures.filter(({ value }) => value !== null).map(({ key }) => key);
    expect(told).toEqual(['uptime_percent', 'alerts_fired', 'actions_taken', 'actions_helped']);
    expect([data.workers, data.breakers, data.errors]).toEqual([[], [], []]);
  });

  it('comes once the computer is on again, of the time before', async () => {
    const { reports, deps } = life();
    recordHour(deps);
    clock.advance({ days: 2 });
    await reports.round(LOCAL_ORG_ID, clock.now());
    await reports.round(LOCAL_ORG_ID, clock.now());
    expect(list(reports).items).toMatchObject([{ from: '2026-11-29T06:01:00.000Z', to: '2026-12-01T06:00:00.000Z' }]);
  });

  it('does not come again when a person removed it', async () => {
    const { reports, deps } = life();
    recordHour(deps);
    clock.advance({ days: 1 });
    await reports.round(LOCAL_ORG_ID, clock.now());
    const [made] = list(reports).items;
    expect(reports.remove(scope, made?.id ?? '')).toEqual({ removed: true });
    expect(reports.remove(scope, made?.id ?? '')).toEqual({ removed: false });
    await life().reports.round(LOCAL_ORG_ID, clock.now());
    expect(list(reports).items).toEqual([]);
  });

  it('does not come before anything was recorded, nor where it is switched off', async () => {
    const { reports, deps } = life();
    clock.advance({ days: 3 });
    await reports.round(LOCAL_ORG_ID, clock.now());
    recordHour(deps);
    clock.advance({ days: 1 });
    settings.setOrganisation(LOCAL_ORG_ID, { 'ops.report_enabled': false });
    await reports.round(LOCAL_ORG_ID, clock.now());
    expect(list(reports)).toMatchObject({ items: [], next_at: null });
  });

  it('that could not be sent is sent later, not made again', async () => {
    const { reports, deps } = life();
    recordHour(deps);
    clock.advance({ days: 1 });
    sending = () => {
      throw new Error('the channel is broken');
    };
    await reports.round(LOCAL_ORG_ID, clock.now());
    sending = () => {};
    // Not at once again: a fault every minute would fill the log.
    await reports.round(LOCAL_ORG_ID, clock.now());
    expect(sent).toEqual([]);
    clock.advance({ minutes: 11 });
    await reports.round(LOCAL_ORG_ID, clock.now());
    await reports.round(LOCAL_ORG_ID, clock.now());
    expect(sent).toHaveLength(1);
    expect(list(reports).items).toMatchObject([{ sent_to: ['mail'] }]);
  });

  it('comes again after a clock that was a year ahead', async () => {
    const { reports, deps } = life();
    recordHour(deps);
    const now_ms = clock.now();
    await reports.round(LOCAL_ORG_ID, now_ms + 365 * DAY_MS);
    expect(list(reports).items).toHaveLength(1);
    // Right again: nothing now, but the next one.
    await reports.round(LOCAL_ORG_ID, now_ms);
    await reports.round(LOCAL_ORG_ID, now_ms + DAY_MS);
    expect(list(reports).items.map(({ to }) => to)).toContain('2026-11-30T06:00:00.000Z');
  });
});

describe('reports', () => {
  it('that persons ask for are of the last 24 hours, compared with the days before', async () => {
    const { reports, deps } = life();
    for (let hour = 0; hour < 24; hour += 1) recordHour(deps, hour < 6 ? 2 : 0);
    const yesterday = await reports.create(scope);
    for (let hour = 0; hour < 24; hour += 1) recordHour(deps);
    const today = await reports.create(scope);
    expect(figure(yesterday, 'uptime_percent')).toMatchObject({ value: 75, day_before: null, week: null });
    expect(figure(today, 'uptime_percent')).toMatchObject({ value: 100, day_before: 75, week: 75 });
    expect(today).toMatchObject({ trigger: 'person', created_by: 'mira', sent_to: [] });
    // Without the report, the rounds themselves say the same.
    reports.remove(scope, yesterday.id);
    const again = await reports.create(scope);
    expect(figure(again, 'uptime_percent')).toMatchObject({ value: 100, day_before: 75, week: 75 });
  });

  it('are listed in pages, newest first, each organisation its own', async () => {
    const { reports, deps } = life();
    recordHour(deps);
    const made: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      clock.advance({ minutes: 1 });
      made.unshift((await reports.create(scope)).id);
    }
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = reports.list(scope, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      ids.push(...page.items.map(({ id }) => id));
      expect(page.items.every((item) => !('data' in item))).toBe(true);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(ids).toEqual(made);
    const other = { org_id: '0198c2f0-0000-7000-8000-000000000009', actor: 'x' };
    expect(reports.list(other, { limit: 10 }).items).toEqual([]);
    expect(() => reports.get(other, made[0] ?? '')).toThrow('There is no report');
    expect(reports.remove(other, made[0] ?? '')).toEqual({ removed: false });
  });

  it('are documents with a name of their own', async () => {
    const { reports, deps } = life();
    recordHour(deps);
    const { id } = await reports.create(scope);
    expect(reports.document(scope, { report: id, format: 'html' })).toMatchObject({
      file_name: 'archon-report-2026-11-29.html',
      media_type: 'text/html; charset=utf-8',
      text: expect.stringContaining('<!doctype html>'),
    });
    expect(reports.document(scope, { report: id, format: 'markdown' })).toMatchObject({
      file_name: 'archon-report-2026-11-29.md',
      text: expect.stringContaining('# Archon report'),
    });
  });

  it('are sent when a person says so, and remember where', async () => {
    const { reports, deps } = life();
    recordHour(deps);
    const { id } = await reports.create(scope);
    expect(reports.send(scope, { report: id })).toMatchObject({ sent_to: ['mail'] });
    takers = ['mail', 'slack'];
    expect(reports.send(scope, { report: id, channel: 'slack' })).toMatchObject({ sent_to: ['mail', 'slack'] });
    expect(sent.map(({ channel }) => channel)).toEqual([undefined, 'slack']);
    takers = [];
    expect(() => reports.send(scope, { report: id })).toThrow('No channel takes reports');
    expect(reports.get(scope, id).sent_to).toEqual(['mail', 'slack']);
  });
});
