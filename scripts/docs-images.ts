/**
 * Takes the pictures of `docs/images/` anew from the built app with the demo in it: `npm run build && npm run docs:images`.
 * Needs Chromium. Look at them before they are committed.
 */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { appRoot } from '../src-main/app-files.ts';
import { closeChromium } from '../tests/support/chromium.ts';
import { startRedis } from '../tests/support/redis-server.ts';
import { agentOf } from '../tests/support/ui-agent.ts';
import {
  beginSessions,
  FAST_DELIVERY,
  go,
  letterDrawer,
  letterRows,
  makeWebhook,
} from '../tests/support/ui-delivery-page.ts';
import { eventDrawer, eventRow, visitFeed } from '../tests/support/ui-events-page.ts';
import { breakerRow, healthSentence, visitHealth } from '../tests/support/ui-health-page.ts';
import { hosts } from '../tests/support/ui-hosts.ts';
import {
  drawer,
  findInList,
  layerTab,
  memoryRow,
  openDrawerTab,
  openMemory,
  openPanel,
  sessionList,
  sidePanel,
  toast,
  waitForFirstRun,
  waitForInspector,
} from '../tests/support/ui-page.ts';
import { field, openSection, save, visitSettings } from '../tests/support/ui-settings-page.ts';
import { Receiver, refusing } from '../tests/support/ui-webhook-receiver.ts';
import { openWorkers, workerCard } from '../tests/support/ui-workers-page.ts';

const FACT = 'No emoji in release notes or commit messages.';
const FACT_AFTER = 'No emoji in release notes, commit messages or alerts.';
const OTHER_FACT = 'max_connections on pg-borealis-02 is 400.';

/** What the receiver of the pictures does not take. */
const REFUSED = 'standup';

const [browser] = hosts();
if (browser === undefined) throw new Error('there is no host to take pictures of');
const ui = await browser.open({ env: FAST_DELIVERY, viewport: { width: 1440, height: 900 } });
const receiver = await Receiver.start(refusing(REFUSED));
try {
  await takeAll(ui.page);
  await takeDeadLetters(ui.page);
  await takeSettings(ui.page);
} finally {
  await ui.close();
  await receiver.stop();
}
try {
  await takeHealth();
} finally {
  await closeChromium();
}

async function takeAll(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark' });
  await waitForFirstRun(page);
  await take(page, 'first-run');

  await page.getByRole('button', { name: /^Load the demo/ }).click();
  await toast(page, /^Demo loaded/).waitFor();
  await waitForInspector(page);
  await layerTab(page, 'Working').click();
  await openPanel(page, 'Statistics');
  await take(page, 'inspector');

  await layerTab(page, 'Session').click();
  await sessionList(page).getByRole('option').first().click();
  await page.getByRole('log', { name: 'Messages' }).waitFor();
  await take(page, 'session');

  await layerTab(page, 'Long-term').click();
  await openPanel(page, 'Context');
  await sidePanel(page).getByLabel('What is the agent asked?').fill('When are production deploys allowed?');
  await sidePanel(page).getByText('Production deploys are allowed').first().waitFor();
  await take(page, 'context');

  await findInList(page, 'emoji');
  await openMemory(page, FACT);
  await drawer(page).getByRole('button', { name: 'Edit' }).click();
  await drawer(page).getByLabel('Text', { exact: true }).fill(FACT_AFTER);
  await drawer(page).getByRole('button', { name: 'Save' }).click();
  await memoryRow(page, FACT_AFTER).waitFor();
  await openDrawerTab(page, 'History');
  await drawer(page).locator('ins').first().waitFor();
  await findInList(page, '');
  await memoryRow(page, OTHER_FACT).waitFor();
  await take(page, 'history');

  await visitFeed(page);
  await eventRow(page, 'Long-term memory superseded').first().click();
  await eventDrawer(page).getByRole('group', { name: 'Payload' }).waitFor();
  await take(page, 'events');

  await openWorkers(page);
  await takeWorkers(page);
}

/** After a few runs, so that there is something to see. */
async function takeWorkers(page: Page): Promise<void> {
  const agent = agentOf(ui);
  for (let round = 0; round < 8; round += 1) {
    for (const { name, title, counts } of (await agent.workers.list()).items) {
      await agent.workers.runNow({ worker: name });
      const bars = new RegExp(`last ${counts.runs + 1} runs?:`);
      await workerCard(page, title).getByRole('img', { name: bars }).waitFor();
    }
  }
  await agent.workers.pause({ worker: 'session-cleanup' });
  const schedule = { kind: 'cron', expression: '0 3 * * *', time_zone: 'UTC' } as const;
  await agent.workers.setSchedule({ worker: 'retention', schedule });
  await workerCard(page, 'Session cleanup')
    .getByText(/^Paused by/)
    .waitFor();
  await workerCard(page, 'Retention').getByText('at 03:00 every day').waitFor();
  // Of the machine that takes the picture.
  await page.getByRole('rowheader').evaluate((name) => name.replaceChildren('laptop:4021'));
  await take(page, 'workers');
}

async function takeDeadLetters(page: Page): Promise<void> {
  await go(page, '/events/webhooks');
  await makeWebhook(page, { name: 'Calendar sync', url: receiver.url, types: ['memory.session.created'] });
  const ids = ['2026-11-27', '2026-11-28', '2026-11-30'].map((day) => `${REFUSED}-${day}`);
  await beginSessions(agentOf(ui), ids, 'priya');
  await go(page, '/events/dead-letters');
  await letterRows(page)
    .nth(ids.length - 1)
    .waitFor();
  await letterRows(page).first().click();
  await letterDrawer(page).getByText('WebhookRefusedError').waitFor();
  await take(page, 'dead-letters');
}

async function takeSettings(page: Page): Promise<void> {
  await visitSettings(page);
  await openSection(page, 'Memory');
  await field(page, 'Largest context').fill('12000');
  await save(page);
  await field(page, 'Working memory lifetime').fill('21');
  await take(page, 'settings');
}

/** While Redis is away: the page is for that. */
async function takeHealth(): Promise<void> {
  const redis = await startRedis();
  const other = await browser?.open({ env: { ARCHON_REDIS_URL: redis.url }, viewport: { width: 1440, height: 900 } });
  if (other === undefined) throw new Error('there is no host to take pictures of');
  const { page } = other;
  try {
    await page.emulateMedia({ colorScheme: 'dark' });
    await waitForFirstRun(page);
    const agent = agentOf(other);
    await agent.sessions.create({ user_id: 'priya', session_id: 'standup', title: 'Standup' });
    await waitForInspector(page);
    await visitHealth(page);
    await page
      .getByRole('img', { name: /in the last 20 readings$/ })
      .first()
      .waitFor();
    await redis.stop();
    for (const content of ['Who is on call?', 'Priya is.', 'Until Monday?']) {
      await agent.sessions.append({ session_id: 'standup', messages: [{ role: 'user', content }] });
    }
    await breakerRow(page, 'Redis').getByText('Open', { exact: true }).waitFor();
    await healthSentence(page)
      .getByText(/3 writes wait/)
      .waitFor();
    await take(page, 'health');
  } finally {
    await other.close();
    await redis.remove();
  }
}

/** Without the messages about what was done, which come and go. */
async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await page.getByRole('main').locator('[aria-busy="true"], .animate-spin').first().waitFor({ state: 'detached' });
  await page.evaluate(() => document.fonts.ready);
  await page.waitForLoadState('networkidle');
  await page.screenshot({
    path: join(appRoot, 'docs/images', `${name}.png`),
    animations: 'disabled',
    style: '[data-sonner-toaster] { visibility: hidden }',
  });
}
