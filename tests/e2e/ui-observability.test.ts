/** The health page: tells the truth through an outage of Redis and back, and lets a person do something about it. */
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { illHealth, SAMPLE_WEBHOOK, trippedBreakers } from '../support/health-samples.ts';
import { type RedisServer, redisAvailable, startRedis } from '../support/redis-server.ts';
import { agentOf, writeWorking } from '../support/ui-agent.ts';
import { barriers } from '../support/ui-axe.ts';
import { Calls } from '../support/ui-calls.ts';
import { walk } from '../support/ui-focus.ts';
import {
  breakerDrawer,
  breakerRow,
  componentDrawer,
  expectSentence,
  healthCard,
  healthLink,
  healthSentence,
  queues,
  refusedDetails,
  refusedDrawer,
  refusedRows,
  secondsOf,
  setHidden,
  statusOf,
  visitHealth,
  warnings,
  watchForRed,
} from '../support/ui-health-page.ts';
import { HOSTILE_TEXTS } from '../support/ui-hostile-texts.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import { chartPlot, chartTable, fromMenu, visitMetrics } from '../support/ui-metrics-page.ts';
import { outageOf } from '../support/ui-outage.ts';
import {
  dialog,
  eventually,
  openPanel,
  PATIENCE_MS,
  sidePanel,
  toast,
  visit,
  waitForFirstRun,
  waitForInspector,
} from '../support/ui-page.ts';
import { PageWatch } from '../support/ui-watch.ts';

const BREAKERS = 'Circuit breakers';
const ALL_WELL = /^All is well/;
const ADA = 'ada';
const SESSION = 'trip';
/** Answers that may still tell of before: the one under way, one that was kept for a second, and one for a slow machine. */
const ANSWERS = 4;

afterAll(closeChromium);

describe.runIf(chromiumAvailable && redisAvailable).each(pageHosts())('$name: health', (host) => {
  let redis: RedisServer;
  let ui: OpenUi;
  let agent: ArchonClient;
  let calls: Calls;
  beforeAll(async () => {
    redis = await startRedis({ appendonly: 'yes' });
    ui = await host.open({ env: { ARCHON_REDIS_URL: redis.url } });
    agent = agentOf(ui);
    calls = await Calls.of(ui);
    await waitForFirstRun(ui.page);
    await agent.sessions.create({ user_id: ADA, session_id: SESSION, title: 'Trip' });
    await writeWorking(agent, ADA, ['wants to see Rome']);
    await waitForInspector(ui.page);
    await healthLink(ui.page).click();
    await healthCard(ui.page, 'Redis').waitFor();
  });
  afterAll(async () => {
    await ui?.close();
    await redis?.remove();
  });

  const say = (session_id: string, content: string) =>
    agent.sessions.append({ session_id, messages: [{ role: 'user', content }] });
  const messages = async (session_id: string) =>
    (await agent.sessions.messages({ session_id })).items.map(({ content }) => content);
  const breaker = async (name: string) => (await agent.resilience.list()).items.find((each) => each.name === name);
  const answers = () => calls.count('health/deep');

  it('says that all is well, for every component, also in the sidebar', async () => {
    await expectSentence(ui.page, /^All is well: no component has had trouble since \d\d:\d\d \(.+\)\.$/);
    expect(await ui.page.getByRole('article').count()).toBe(8);
    for (const title of ['Embedded database', 'Redis', 'Workers', 'Circuit breakers']) {
      expect(await statusOf(ui.page, title)).toBe('healthy');
      expect(await healthCard(ui.page, title).innerText()).toContain('Healthy');
    }
    await ui.page.getByRole('link', { name: /^Observability.*all is well$/ }).waitFor();
    await warnings(ui.page).getByText('No warnings').waitFor();
    await ui.page.getByText('All 5 workers are well.').waitFor();
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
  });

  it('turns the card of Redis red as soon as it is away, and says so once', async () => {
    const isRed = await watchForRed(ui.page, 'Redis');
    await redis.stop('SIGTERM');
    const stopped_ms = Date.now();
    const before = await answers();
    const red_ms = await isRed();
    const asked = (await answers()) - before;
    console.info(`${host.name}: the card was red ${red_ms - stopped_ms} ms and ${asked} answers after the outage`);
    expect(asked).toBeLessThanOrEqual(ANSWERS);
    await toast(ui.page, 'Redis is away.').waitFor();
    await expectSentence(ui.page, /^Redis has been away since \d\d:\d\d \(.+\): contexts are without sessions\.$/);
    await breakerRow(ui.page, 'Redis').getByText('Open', { exact: true }).waitFor({ timeout: PATIENCE_MS });
    expect((await breaker('redis'))?.state.state).toMatch(/open$/);
    expect(await toast(ui.page, /Redis/).count()).toBe(1);
    await ui.page.getByRole('link', { name: /^Observability.*something is wrong$/ }).waitFor();
    // What needs Redis is red as well, but one warning tells of all of it.
    await warnings(ui.page).getByRole('heading', { name: '1 warning', exact: true }).waitFor();
  });

  it('explains a red card: what is wrong, what to do, its breaker, and where to look', async () => {
    await healthCard(ui.page, 'Redis').click();
    const details = componentDrawer(ui.page);
    await details.getByText('What to do:').waitFor();
    await details.getByRole('group', { name: 'Actions for Redis' }).getByRole('button', { name: 'Probe' }).click();
    await toast(ui.page, /^Redis does not answer: /).waitFor();
    await details.getByRole('button', { name: 'Copy the last error of Redis' }).waitFor();
    const hrefs = await details
      .getByRole('link')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(hrefs.some((href) => href.startsWith('/events?type=') && href.includes('system.breaker.changed'))).toBe(
      true,
    );
    expect(hrefs.some((href) => href.startsWith('/observability/logs') && href.includes('resilience'))).toBe(true);
    expect(hrefs.some((href) => href.startsWith('/observability/metrics'))).toBe(true);
    await ui.page.setViewportSize({ width: 1024, height: 700 });
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
    await ui.page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
    await healthCard(ui.page, 'Redis').waitFor();
    expect(await overflows(ui.page)).toEqual([]);
    await ui.page.setViewportSize({ width: 1440, height: 900 });
  });

  it('keeps what an agent says meanwhile, and counts it', async () => {
    expect(await say(SESSION, 'said while it was away')).toMatchObject({ status: 'queued' });
    expect(await say('gone', 'to nobody')).toMatchObject({ status: 'queued' });
    expect(await say('lost', 'to nobody either')).toMatchObject({ status: 'queued' });
    await expectSentence(ui.page, /: contexts are without sessions, 3 writes wait\.$/);
    await queues(ui.page).getByText('3 waiting').waitFor();
    await ui.page.getByRole('link', { name: '3 writes queued' }).click();
    expect(new URL(ui.page.url()).hash).toBe('#queues');
  });

  it('says on the memory page that contexts are degraded', async () => {
    await visit(ui.page, { user: ADA, session: SESSION });
    await openPanel(ui.page, 'Context');
    await sidePanel(ui.page).getByText('degraded', { exact: true }).waitFor({ timeout: PATIENCE_MS });
    await sidePanel(ui.page).getByRole('status').filter({ hasText: 'session' }).waitFor();
  });

  it('tells on any page that Redis is back; nothing is lost, and all is green again', async () => {
    await redis.restart();
    await toast(ui.page, /^It is over: Redis was away for /).waitFor({ timeout: PATIENCE_MS });
    await eventually(() => messages(SESSION)).toEqual(['said while it was away']);
    await visitHealth(ui.page);
    await eventually(() => statusOf(ui.page, 'Redis')).toBe('healthy');
    await breakerRow(ui.page, 'Redis').getByText('Closed', { exact: true }).waitFor();
    const status = await agent.journal.status();
    expect([status.sessions.waiting, status.refused]).toEqual([0, 2]);
  });

  it('has the outage in the charts: when the breaker was open, and why', async () => {
    await visitMetrics(ui.page, { range: '15m' });
    await chartPlot(ui.page, BREAKERS)
      .getByTitle(/^open from .*: .*ECONNREFUSED/)
      .first()
      .waitFor({ timeout: PATIENCE_MS });
    await fromMenu(ui.page, BREAKERS, 'Show as a table');
    const changes = chartTable(ui.page, BREAKERS).getByRole('row').filter({ hasText: 'redis' });
    await changes.filter({ hasText: 'closed → open' }).filter({ hasText: 'ECONNREFUSED' }).first().waitFor();
    await changes.filter({ hasText: 'half open → closed' }).first().waitFor();
    await chartTable(ui.page, BREAKERS).getByRole('button', { name: 'Close', exact: true }).click();
    await visitHealth(ui.page);
  });

  it('shows writes that were refused: to try again, or to give up', async () => {
    await expectSentence(ui.page, /^2 refused writes are waiting to be looked at: each is kept for 30 days\.$/);
    await ui.page.getByRole('link', { name: '2 writes refused' }).click();
    await eventually(() => refusedRows(ui.page).count()).toBe(2);
    await refusedRows(ui.page).first().click();
    await refusedDetails(ui.page).getByRole('group', { name: 'The request' }).waitFor();
    expect(await barriers(ui.page)).toEqual([]);

    const { items } = await agent.journal.refused({});
    const id = (session_id: string) => items.find(({ ids }) => ids.includes(session_id))?.id ?? '';
    await agent.sessions.create({ user_id: ADA, session_id: 'gone', title: 'Back' });
    await visitHealth(ui.page, `?refused=true&write=${id('gone')}`);
    await refusedDetails(ui.page).getByText('"gone"').waitFor();
    await refusedDetails(ui.page).getByRole('button', { name: 'Retry' }).click();
    await toast(ui.page, 'The write is queued again').waitFor();
    await eventually(() => messages('gone')).toEqual(['to nobody']);
    await eventually(() => refusedRows(ui.page).count()).toBe(1);

    await visitHealth(ui.page, `?refused=true&write=${id('lost')}`);
    await refusedDetails(ui.page).getByRole('button', { name: 'Discard' }).click();
    const question = ui.page.getByRole('alertdialog', { name: 'Discard this write?' });
    await question.getByRole('button', { name: 'Keep it' }).click();
    expect((await agent.journal.status()).refused).toBe(1);
    await refusedDetails(ui.page).getByRole('button', { name: 'Discard' }).click();
    await question.getByRole('button', { name: 'Discard it' }).click();
    await refusedDrawer(ui.page).getByText('No refused writes').waitFor();
    expect((await agent.journal.status()).refused).toBe(0);
    await ui.page.keyboard.press('Escape');
    await expectSentence(ui.page, ALL_WELL);
  });

  it('isolates a service for a reason, says so, and releases it', async () => {
    const row = breakerRow(ui.page, 'Redis');
    await row.getByRole('button', { name: 'Isolate' }).click();
    const form = dialog(ui.page, 'Isolate Redis?');
    await form.getByText('Contexts are without sessions meanwhile').waitFor();
    await form.getByRole('button', { name: 'Isolate it' }).click();
    await form.getByText('Say why').waitFor();
    await form.getByLabel('Reason').fill('moved to another machine');

    await calls.fail('resilience/isolate');
    await form.getByRole('button', { name: 'Isolate it' }).click();
    await toast(ui.page, `Redis could not be isolated: ${calls.message}`).waitFor();
    expect(await form.getByLabel('Reason').inputValue()).toBe('moved to another machine');
    await calls.mend();
    // A reason that was written is not lost by a key.
    await ui.page.keyboard.press('Escape');
    await ui.page.getByRole('button', { name: 'Keep editing' }).click();
    expect(await form.getByLabel('Reason').inputValue()).toBe('moved to another machine');

    await form.getByRole('button', { name: 'Isolate it' }).click();
    await form.waitFor({ state: 'detached' });
    await expectSentence(ui.page, /^Redis has been isolated by a person since .*: contexts are without sessions\.$/);
    await row.getByText('moved to another machine').waitFor();
    expect((await breaker('redis'))?.state).toMatchObject({ state: 'isolated', reason: 'moved to another machine' });
    await row.getByRole('button', { name: 'Release' }).click();
    await toast(ui.page, 'Redis is released.').waitFor();
    await row.getByText('Closed', { exact: true }).waitFor();
    await row.getByRole('button', { name: 'Probe' }).click();
    await toast(ui.page, /^Redis answered in .* ms: /).waitFor();
    const font = (of: Locator) => of.evaluate((element) => getComputedStyle(element).fontFamily);
    expect(await font(toast(ui.page, /^Redis answered/))).toBe(await font(row));
    // Messages are closed by keyboard, one after the other.
    await eventually(async () => {
      await ui.page.keyboard.press('Alt+t');
      await ui.page.keyboard.press('Escape');
      return await toast(ui.page, /./).count();
    }).toBe(0);
  });

  it('changes when a breaker opens, marks it, and goes back to what is configured', async () => {
    const details = breakerDrawer(ui.page);
    const settings = details.getByRole('tab', { name: 'Settings' });
    await ui.page.getByRole('region', { name: 'Circuit breakers' }).getByRole('button', { name: 'Mail' }).click();
    await settings.click();
    await breakerRow(ui.page, 'Redis').getByRole('button', { name: 'Details of the breaker of Redis' }).click();
    await details.getByRole('heading', { name: 'Redis' }).waitFor();
    await settings.click();
    const threshold = details.getByLabel('Failures in a row that open it', { exact: true });
    await threshold.fill('11');
    await details.getByRole('button', { name: 'Save' }).click();
    await details.getByText('A whole number from 1 to 10.').waitFor();
    await ui.page.keyboard.press('Escape');
    await ui.page.getByRole('button', { name: 'Keep editing' }).click();
    // Nor does "back" to the same part of another breaker's details lose what was typed.
    await ui.page.evaluate(() => history.back());
    await ui.page.getByRole('button', { name: 'Keep editing' }).click();
    await threshold.fill('7');
    await details.getByRole('button', { name: 'Save' }).click();
    await eventually(async () => await breaker('redis')).toMatchObject({ threshold: 7, changed: ['threshold'] });
    await breakerRow(ui.page, 'Redis').getByText('changed', { exact: true }).waitFor();
    expect(await barriers(ui.page)).toEqual([]);
    await details.getByRole('button', { name: 'Failures in a row that open it: back to the configured' }).click();
    await eventually(async () => await breaker('redis')).toMatchObject({ threshold: 5, changed: [] });
    await eventually(() => threshold.inputValue()).toBe('5');
  });

  it('has everything that happened to a breaker', async () => {
    await breakerDrawer(ui.page).getByRole('tab', { name: 'History' }).click();
    const rows = breakerDrawer(ui.page).getByRole('grid', { name: 'Changes of state' }).getByRole('row');
    await rows.filter({ hasText: 'moved to another machine' }).first().click();
    await breakerDrawer(ui.page).getByRole('region', { name: 'Details of the change' }).getByText('Reason').waitFor();
    const told = (await rows.allInnerTexts()).join('\n');
    for (const change of [/Closed → \s*Open/, /Half open → \s*Closed/, /Closed → \s*Isolated/]) {
      expect(told).toMatch(change);
    }
    await breakerDrawer(ui.page).getByRole('button', { name: 'Close', exact: true }).click();
  });

  it('asks no more while auto-refresh is off, and says how old the figures are', async () => {
    await ui.page.getByRole('switch', { name: 'Auto-refresh' }).click();
    await expectSentence(ui.page, /^Auto-refresh is off: this is how it was at .*\), when all was well\.$/);
    const before = await answers();
    await expectSentence(ui.page, /\([3-9] s\)/);
    expect(await answers()).toBe(before);
    expect(await statusOf(ui.page, 'Redis')).toBe('unknown');
    expect(await healthCard(ui.page, 'Redis').innerText()).toContain('Was healthy');
    await ui.page.getByRole('link', { name: /^Observability.*not known$/ }).waitFor();
    await ui.page.getByRole('button', { name: 'Refresh now' }).click();
    await expectSentence(ui.page, /\([0-2] s\)/);
    expect(await answers()).toBe(before + 1);
    await ui.page.getByRole('switch', { name: 'Auto-refresh' }).click();
    await expectSentence(ui.page, ALL_WELL);
  });

  it('asks no more while nobody sees the page, and at once when somebody does', async () => {
    await setHidden(ui.page, true);
    const before = await answers();
    const lasted = await secondsOf(ui.page);
    await eventually(() => secondsOf(ui.page)).toBeGreaterThanOrEqual(lasted + 3);
    // One may have been on its way; in that time there would have been three.
    expect(await answers()).toBeLessThanOrEqual(before + 1);
    await setHidden(ui.page, false);
    await expectSentence(ui.page, ALL_WELL);
  });

  it('asks one at a time: a question without an answer is not asked again', async () => {
    await calls.hold('health/deep');
    const before = await answers();
    await expectSentence(ui.page, /^Archon has not answered since .*: what stands here is from then\.$/);
    expect(await answers()).toBeLessThanOrEqual(before + 1);
    expect(await statusOf(ui.page, 'Redis')).toBe('unknown');
    await calls.mend();
    await expectSentence(ui.page, ALL_WELL);
  });

  it('says why it knows nothing', async () => {
    await calls.fail('health/deep');
    await ui.page.reload();
    await ui.page.getByRole('alert').getByText(calls.message).waitFor({ timeout: PATIENCE_MS });
    await calls.mend();
    await ui.page.getByText('5 s', { exact: true }).click();
    await ui.page.reload();
    await expectSentence(ui.page, ALL_WELL);
    // What was chosen is kept.
    expect(await ui.page.getByRole('radio', { name: '5 s' }).isChecked()).toBe(true);
    await ui.page.getByText('1 s', { exact: true }).click();
    // What was already so on opening is no news.
    expect(await toast(ui.page, /It is over|is away/).count()).toBe(0);
  });

  it('leads the keyboard through all of it, always to be seen', async () => {
    await ui.page.getByRole('switch', { name: 'Auto-refresh' }).focus();
    const { stops, unseen, hasEnd } = await walk(ui.page);
    expect(unseen).toEqual([]);
    expect(hasEnd).toBe(true);
    for (const stop of ['button Details of Redis', 'button Isolate', 'a Dead letters']) {
      expect(stops.some((one) => one.startsWith(stop))).toBe(true);
    }
  });

  it('shows whatever components say as text, however long and at any size', async () => {
    const watch = new PageWatch(ui.page);
    await watch.setTrap();
    const text = HOSTILE_TEXTS.join('\n').repeat(3);
    await calls.answer('health/deep', illHealth(text));
    await calls.answer('resilience/list', { items: trippedBreakers(text) });
    await breakerRow(ui.page, `removed webhook …${SAMPLE_WEBHOOK.slice(-4)}`)
      .getByText('Isolated', { exact: true })
      .waitFor();
    await eventually(() => statusOf(ui.page, 'Data folder')).toBe('unhealthy');
    await healthCard(ui.page, 'Data folder').getByRole('button', { name: 'Details of Data folder' }).click();
    await componentDrawer(ui.page).getByText('What to do:').waitFor();
    for (const viewport of [
      { width: 1024, height: 700 },
      { width: 1440, height: 900 },
    ]) {
      await ui.page.setViewportSize(viewport);
      expect(await overflows(ui.page)).toEqual([]);
    }
    expect(await watch.faults()).toEqual([]);
    await ui.page.keyboard.press('Escape');
    await calls.mend();
    await expectSentence(ui.page, ALL_WELL);
  });

  it.runIf(host.name !== 'desktop (Electron)')('never shows green for what it cannot reach', async () => {
    const outage = await outageOf(ui);
    try {
      await expectSentence(ui.page, ALL_WELL);
      await outage.begin();
      await expectSentence(
        ui.page,
        /^Archon has not been reachable since \d\d:\d\d \(.+\): what stands here is from \d\d:\d\d/,
      );
      expect(await statusOf(ui.page, 'Redis')).toBe('unknown');
      expect(await healthSentence(ui.page).innerText()).not.toMatch(/is well/);
      await ui.page.getByRole('link', { name: /^Observability.*not known$/ }).waitFor();
    } finally {
      await outage.remove();
    }
  });
});
