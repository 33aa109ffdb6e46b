/** From the smallest window to a 4K screen, and without motion for those who do not want it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf, writeDemo } from '../support/ui-agent.ts';
import { Calls } from '../support/ui-calls.ts';
import { eventDrawer, eventGrid, visitFeed, visitSubscribers } from '../support/ui-events-page.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import {
  conversation,
  dialog,
  drawer,
  eventually,
  memoryList,
  openPalette,
  sidePanel,
  toast,
  visit,
  waitForFirstRun,
  waitForInspector,
} from '../support/ui-page.ts';
import {
  closeWorker,
  openWorkers,
  showAilingWorkers,
  visitWorkers,
  workerCard,
  workerDrawer,
} from '../support/ui-workers-page.ts';

const SIZES = [
  { width: 1024, height: 700 },
  { width: 1440, height: 900 },
  { width: 3840, height: 2160 },
];

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: sizes', (host) => {
  let ui: OpenUi;
  let memory: string;
  beforeAll(async () => {
    ui = await host.open({ viewport: { width: 1024, height: 700 } });
    await waitForFirstRun(ui.page);
  });
  afterAll(() => ui?.close());

  const fits = async (what: string) => {
    expect(await overflows(ui.page), what).toEqual([]);
  };

  it('shows the three choices of the first run whole', async () => {
    for (const size of SIZES) {
      await ui.page.setViewportSize(size);
      await fits(`first run at ${size.width}`);
      for (const choice of await ui.page.getByRole('main').getByRole('button').all()) {
        const box = await choice.boundingBox();
        expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(size.height);
      }
    }
    await writeDemo(agentOf(ui));
    await waitForInspector(ui.page);
    memory = (await agentOf(ui).longterm.list({ user_id: 'priya', limit: 1 })).items[0]?.id ?? '';
  });

  it.each(SIZES)('fits into $width × $height', async (size) => {
    const { page } = ui;
    await page.setViewportSize(size);
    await visit(page, { user: 'priya', tab: 'working' });
    await memoryList(page).getByRole('row').nth(3).waitFor();
    await fits('list');
    for (const panel of ['stats', 'context', 'controls']) {
      await visit(page, { user: 'priya', tab: 'working', panel });
      await sidePanel(page).getByRole('tab', { selected: true }).waitFor();
      await fits(`panel ${panel}`);
    }
    await visit(page, { user: 'priya', tab: 'session' });
    await conversation(page).getByRole('article').first().waitFor();
    await fits('conversation');
    await visit(page, { user: 'priya', tab: 'longterm', memory });
    await drawer(page).getByRole('tab', { name: 'Content' }).waitFor();
    await fits('drawer');
    await visit(page, { user: 'priya', tab: 'longterm' });
    for (const key of ['Control+i', 'Control+e', 'Shift+?']) {
      await page.keyboard.press(key);
      await dialog(page, /./).waitFor();
      await fits(key);
      await page.keyboard.press('Escape');
      await dialog(page, /./).waitFor({ state: 'detached' });
    }
    await openPalette(page);
    await fits('palette');
    await page.keyboard.press('Escape');
    await visitFeed(page, { q: 'memory', type: ['memory.longterm.superseded', 'memory.longterm.created'] });
    await eventGrid(page).getByRole('row').nth(3).waitFor();
    await fits('live feed');
    await eventGrid(page).getByRole('row').nth(2).click();
    await eventDrawer(page).getByRole('group', { name: 'Payload' }).waitFor();
    await fits('event');
    await visitSubscribers(page);
    await page.getByText('Nobody subscribes to events').waitFor();
    await fits('subscribers');
  });

  it('fits the workers into every size, however ill they are', async () => {
    const { page } = ui;
    const calls = await Calls.of(ui);
    await openWorkers(page);
    await showAilingWorkers(calls);
    await workerCard(page, 'Retention').getByText('Crashed').waitFor();
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await fits(`workers at ${size.width}`);
      for (const card of await page.getByRole('article').all()) {
        expect(await card.evaluate((one) => one.scrollWidth - one.clientWidth)).toBeLessThanOrEqual(0);
      }
      for (const query of ['?worker=retention', '?worker=consolidation&view=runs']) {
        await visitWorkers(page, query);
        await workerDrawer(page).getByRole('tab', { selected: true }).waitFor();
        await fits(`workers ${query} at ${size.width}`);
      }
      await closeWorker(page);
    }
    await calls.mend();
  });

  it('leaves the list most of a small window, and room for the panel beside it in a large one', async () => {
    const { page } = ui;
    await page.setViewportSize({ width: 1024, height: 700 });
    await visit(page, { user: 'priya', tab: 'working' });
    await eventually(() => sidePanel(page).count()).toBe(0);
    expect((await memoryList(page).boundingBox())?.width).toBeGreaterThan(900);
    await page.setViewportSize({ width: 1440, height: 900 });
    await sidePanel(page).waitFor();
    const [list, panel] = [await memoryList(page).boundingBox(), await sidePanel(page).boundingBox()];
    expect((list?.x ?? 0) + (list?.width ?? 0)).toBeLessThanOrEqual((panel?.x ?? 0) + 1);
  });

  it('moves nothing for those who do not want motion', async () => {
    const { page } = ui;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await visit(page, { user: 'priya', tab: 'longterm' });
    await memoryList(page).getByRole('row').nth(1).getByRole('checkbox').click();
    await page.getByRole('button', { name: 'Pin', exact: true }).click();
    await toast(page, /pinned/).waitFor();
    await page.keyboard.press('Control+e');
    await dialog(page, 'Export').waitFor();
    const moving = await page.evaluate(() =>
      document
        .getAnimations()
        .filter((animation) => Number(animation.effect?.getComputedTiming().duration ?? 0) > 1)
        .map((animation) => (animation.effect as KeyframeEffect | null)?.target?.outerHTML.slice(0, 120)),
    );
    expect(moving).toEqual([]);
    await page.emulateMedia({ reducedMotion: null });
  });
});
