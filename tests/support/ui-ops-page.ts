/** What a person finds and does on the pages of the ops agent, in their words. */
import type { Locator, Page } from 'playwright-core';
import type { OpsAction, OpsAlert, OpsStatus } from '../../src-contract/index.ts';
import {
  sampleAction,
  sampleAlert,
  samplePreview,
  sampleRecommendation,
  sampleRemediators,
  sampleReport,
  sampleSignals,
  sampleStatus,
} from './ops-samples.ts';
import type { Calls } from './ui-calls.ts';
import type { OpenUi } from './ui-hosts.ts';
import { eventually } from './ui-page.ts';

export const region = (page: Page, name: string | RegExp): Locator => page.getByRole('region', { name, exact: true });

export const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });

export const opsSentence = (page: Page): Locator => region(page, 'The ops agent').getByRole('status');

export const opsLink = (page: Page): Locator =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Ops agent/ });

export const actionDrawer = (page: Page): Locator => page.getByRole('complementary', { name: 'Action details' });

/** Newest first, without the heading. */
export const actionRows = (page: Page): Locator =>
  page
    .getByRole('grid', { name: 'Log of actions' })
    .getByRole('row')
    .filter({ has: page.getByRole('gridcell') });

export interface OpsWorld {
  status?: Partial<OpsStatus>;
  alerts?: readonly OpsAlert[];
  actions?: readonly OpsAction[];
}

/** Everything that is kept up to date is read at once, as when somebody comes back to the page. */
export async function lookAgain({ page }: OpenUi, calls: Calls): Promise<void> {
  // What was under way may still tell of before: the second reading began after it.
  const after = (await calls.count('ops/status')) + 2;
  await eventually(async () => {
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
    return await calls.count('ops/status');
  }).toBeGreaterThanOrEqual(after);
}

/** The engine answers as if this were so. */
export async function showOps(calls: Calls, { status = {}, alerts = [], actions = [] }: OpsWorld = {}): Promise<void> {
  const at = new Date().toISOString();
  const firing = alerts.length;
  const by_severity = { low: 0, medium: 0, high: firing, critical: 0 };
  await calls.answer('ops/status', sampleStatus(status));
  await calls.answer('ops/signals', { at, items: sampleSignals() });
  await calls.answer('opsAlerts/list', {
    items: alerts,
    next_cursor: null,
    active: { pending: 0, firing, by_severity },
  });
  await calls.answer('opsActions/list', { items: actions, next_cursor: null });
  await calls.answer('opsActions/remediators', { items: sampleRemediators() });
  await calls.answer('opsActions/preview', samplePreview());
}

export const waitingAction = (number: number): OpsAction =>
  sampleAction(number, {
    risk: 'medium',
    state: { state: 'waiting_approval', expires_at: new Date(Date.now() + 3_540_000).toISOString() },
    after: [],
    outcome: null,
    started_at: null,
    ended_at: null,
    duration_ms: null,
  });

/** Many of everything, and much of it wrong. */
export function busyWorld(): Required<OpsWorld> {
  const error = 'The monitor did not answer within 5 s: connect ECONNREFUSED 127.0.0.1:5432 '.repeat(4);
  const monitors = sampleStatus().monitors.map((one, index) =>
    index === 4 ? { ...one, state: 'timed_out' as const, error, duration_ms: 5000, observations: 0 } : one,
  );
  const nodes = Array.from({ length: 12 }, (_, index) => ({
    node: `worker-${index}.internal.example:4000`,
    seen_at: new Date(Date.now() - index * 1000).toISOString(),
    leads: index === 0,
  }));
  const at = new Date(Date.now() - 720_000).toISOString();
  return {
    status: {
      mode: 'approval',
      paused: { by: 'ada', at, reason: 'moving the database to another machine', until: null },
      monitors,
      nodes,
      alerts: { firing: 7, pending: 2, worst: 'critical' },
      approvals: 2,
      actions_last_hour: 12,
      storage: { shared: true, unsaved: 3, away_since: at },
    },
    alerts: Array.from({ length: 7 }, (_, index) =>
      sampleAlert(index, {
        severity: (['high', 'critical', 'medium', 'low'] as const)[index % 4] ?? 'low',
        labels: { component: 'database', node: `worker-${index}.internal.example:4000` },
        summary: index === 1 ? 'x'.repeat(280) : 'The disk of worker-3 is 91 % full, and grows by 4 % an hour.',
      }),
    ),
    actions: [waitingAction(1), waitingAction(2)],
  };
}

export const sampleRecommendations = () => ({
  looked_at: new Date(Date.now() - 180_000).toISOString(),
  items: [
    sampleRecommendation(1),
    sampleRecommendation(2, {
      title: 'Clear out dead rows of archon_events',
      impact: 'medium',
      statement: 'VACUUM (ANALYZE) archon_events;',
      apply: { remediator: 'cleanup-run', target: { table: 'archon_events' } },
    }),
    sampleRecommendation(3, {
      title: 'Run more than one worker node',
      impact: 'low',
      statement: 'archon worker --shard 2/2',
      evidence: [],
      state: { state: 'dismissed', by: 'ada', at: new Date(Date.now() - 3_600_000).toISOString() },
    }),
  ],
});

export async function showReports(calls: Calls, count: number): Promise<void> {
  const reports = Array.from({ length: count }, (_, index) => sampleReport(index));
  const next_at = new Date(Date.now() + 4 * 3_600_000).toISOString();
  await calls.answer('opsReports/list', {
    items: reports.map(({ data: _, ...entry }) => entry),
    next_cursor: null,
    next_at,
  });
  await calls.answer('opsReports/get', reports[0]);
}
