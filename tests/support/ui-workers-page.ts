/** What a person finds and does on the page of the workers, in their words. */
import type { Locator, Page } from 'playwright-core';
import type { Worker } from '../../src-contract/index.ts';
import type { Calls } from './ui-calls.ts';
import { eventually } from './ui-page.ts';
import { sampleHealth, sampleNode, sampleRun, sampleWorker } from './worker-samples.ts';

// Places

export const workerCard = (page: Page, title: string): Locator =>
  page.getByRole('article', { name: title, exact: true });

export const healthSentence = (page: Page): Locator =>
  page.getByRole('region', { name: 'Health of the workers' }).getByRole('status');

export const workerDrawer = (page: Page): Locator => page.getByRole('complementary', { name: 'Worker details' });

export const runLog = (page: Page): Locator => workerDrawer(page).getByRole('grid', { name: /^Runs of / });

/** Newest first, without the heading. */
export const runRows = (page: Page): Locator =>
  runLog(page)
    .getByRole('row')
    .filter({ has: page.getByRole('gridcell') });

export const nodeRows = (page: Page): Locator =>
  page
    .getByRole('region', { name: 'Nodes' })
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader') });

// Deeds

/** Goes to a place of the page without loading it again. */
export async function visitWorkers(page: Page, query = ''): Promise<void> {
  await page.evaluate((path) => history.pushState(null, '', path), `/workers${query}`);
}

export async function openWorkers(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Workers' }).click();
  await page.getByRole('article').first().waitFor();
}

/** One of the buttons of the card or, when it has none for it, an entry of its menu. */
export async function act(page: Page, title: string, action: string): Promise<void> {
  const button = workerCard(page, title).getByRole('button', { name: action, exact: true });
  if ((await button.count()) > 0) {
    await button.click();
    return;
  }
  await page.getByRole('button', { name: `More for ${title}` }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

export async function openRuns(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: `Details of ${title}` }).click();
  await workerDrawer(page).getByRole('tab', { name: 'Runs' }).click();
}

export async function closeWorker(page: Page): Promise<void> {
  await workerDrawer(page).getByRole('button', { name: 'Close', exact: true }).click();
  await workerDrawer(page).waitFor({ state: 'detached' });
}

// What is seen

/** What the card says under a name, such as `Next run`. */
export async function factOf(page: Page, title: string, name: string): Promise<string> {
  const fact = workerCard(page, title)
    .getByRole('definition')
    .and(page.locator(`dt:text-is("${name}") + dd`));
  return (await fact.textContent()) ?? '';
}

export async function expectState(page: Page, title: string, label: string): Promise<void> {
  await eventually(() =>
    workerCard(page, title).getByRole('heading').locator('xpath=following-sibling::*').innerText(),
  ).toBe(label);
}

/** Cells of the newest run, by the headings of their columns. */
export async function newestRun(page: Page): Promise<Record<string, string>> {
  const headings = await runLog(page).getByRole('columnheader').allTextContents();
  const cells = await runRows(page).first().getByRole('gridcell').allTextContents();
  return Object.fromEntries(headings.map((heading, index) => [heading, cells[index] ?? '']));
}

// Made up: what takes long to come about

const ERROR = 'could not connect to the server: connection refused '.repeat(20);

/** The page has workers in every state, and fifty nodes of which two are lost. @param error of those that fail */
export async function showAilingWorkers(calls: Calls, error = ERROR): Promise<readonly Worker[]> {
  const at = (offset_ms: number) => new Date(Date.now() + offset_ms).toISOString();
  const failed = sampleRun(2, { status: 'failed', error, ended_at: at(-60_000) });
  const recent_runs = [sampleRun(4), sampleRun(3, { status: 'cancelled' }), failed];
  const workers = [
    sampleWorker({
      state: { state: 'running', since: at(-72_000), runs: 1 },
      active_runs: [sampleRun(9, { status: 'running', items: 1200, started_at: at(-72_000), ended_at: null })],
      recent_runs,
    }),
    sampleWorker({
      name: 'cleanup',
      title: 'Cleanup',
      state: { state: 'backing_off', until: at(240_000), failures: 3, error },
      recent_runs,
    }),
    sampleWorker({
      name: 'retention',
      title: 'Retention',
      state: { state: 'crashed', since: at(-3_600_000), failures: 10, error, next_run_at: null },
      recent_runs,
    }),
    sampleWorker({
      name: 'event-retry',
      title: 'Event retry',
      state: { state: 'idle' },
      schedule: { kind: 'manual' },
      schedule_source: 'operator',
      nodes: [],
    }),
    sampleWorker({
      name: 'session-cleanup',
      title: 'Session cleanup',
      state: { state: 'paused', since: at(-5000), by: error.slice(0, 200), runs: 0 },
      schedule: { kind: 'cron', expression: '*/7 1-5 * 2 *', time_zone: 'America/Argentina/ComodRivadavia' },
    }),
  ];
  const names = workers.map(({ name }) => name);
  const nodes = Array.from({ length: 50 }, (_, index) =>
    sampleNode(index, {
      name: `worker-${index}.internal.example:4000`,
      share: 0.02,
      workers: names,
      heartbeat_at: at(-1000 * index),
      ...(index < 48 ? {} : { status: 'lost', shard: index === 48 ? null : '2/4' }),
    }),
  );
  await calls.answer('workers/nodes', { items: nodes });
  const live = { live: 48, lost: 2 };
  await calls.answer('workers/health', sampleHealth(workers, { status: 'unhealthy', nodes: live, unassigned: 0.25 }));
  await calls.answer('workers/list', { items: workers });
  return workers;
}
