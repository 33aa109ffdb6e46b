/** Recommendations and reports of the ops agent. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { sampleAction } from '../support/ops-samples.ts';
import { agentOf } from '../support/ui-agent.ts';
import { barriers } from '../support/ui-axe.ts';
import { Calls } from '../support/ui-calls.ts';
import { go } from '../support/ui-delivery-page.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import { button, region, sampleRecommendations, showOps, showReports } from '../support/ui-ops-page.ts';
import { dialog, eventually, PATIENCE_MS, toast, waitForFirstRun } from '../support/ui-page.ts';
import { PageWatch } from '../support/ui-watch.ts';

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: recommendations and reports', (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  let calls: Calls;
  beforeAll(async () => {
    ui = await host.open({ env: { ARCHON_OPS_INTERVAL_SECONDS: '3600' } });
    agent = agentOf(ui);
    calls = await Calls.of(ui);
    await waitForFirstRun(ui.page);
    await go(ui.page, '/ops-agent/reports');
  });
  afterAll(() => ui?.close());

  const card = (name: string) => ui.page.getByRole('article', { name });
  const reader = () => region(ui.page, 'Report');
  const listed = () => ui.page.getByRole('navigation', { name: 'Reports' }).getByRole('button');

  it('says that there are no reports, and makes one now', async () => {
    await ui.page.getByText('There are no reports yet').waitFor({ timeout: PATIENCE_MS });
    await button(ui.page, 'Make a report now').click();
    await toast(ui.page, 'The report of the last 24 hours is made.').waitFor({ timeout: PATIENCE_MS });
    await reader().getByRole('list', { name: 'Figures' }).getByText('Uptime', { exact: false }).first().waitFor();
    const [entry] = (await agent.opsReports.list({})).items;
    expect(entry).toMatchObject({ trigger: 'person' });
    await eventually(() => new URL(ui.page.url()).search).toBe(`?report=${entry?.id}`);
    await eventually(() => listed().count()).toBe(1);
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
  });

  // A download goes where the person says, in the desktop app.
  it.runIf(host.kind === 'server').each([
    ['HTML', /^<!doctype html>/i],
    ['Markdown', /^# /],
  ])('takes a report along as %s', async (name, beginning) => {
    const started = ui.page.waitForEvent('download');
    await button(ui.page, 'Export').click();
    await ui.page.getByRole('menuitem', { name, exact: true }).click();
    expect(readFileSync(await (await started).path(), 'utf8')).toMatch(beginning);
  });

  it('prints a report by itself, with nothing in it that could run', async () => {
    const watch = new PageWatch(ui.page);
    await ui.page.evaluate(() => {
      const printed = { html: '' };
      Object.assign(window, { __printed: printed });
      // On its way to the frame, so that it comes before the page hears of it. The system is asked all the same.
      const onLoad = ({ target }: Event) => {
        if (!(target instanceof HTMLIFrameElement) || target.contentWindow === null) return;
        const view = target.contentWindow;
        const print = view.print.bind(view);
        view.print = () => {
          printed.html = target.contentDocument?.documentElement.outerHTML ?? '';
          print();
          // Chromium without a window has no print window that could be closed.
          view.dispatchEvent(new Event('afterprint'));
        };
      };
      document.addEventListener('load', onLoad, { capture: true, once: true });
    });
    await button(ui.page, 'Export').click();
    await ui.page.getByRole('menuitem', { name: 'Print or save as PDF' }).click();
    const printed = () => ui.page.evaluate(() => (window as unknown as { __printed: { html: string } }).__printed.html);
    await eventually(printed).toMatch(/Uptime/);
    await eventually(() => ui.page.locator('iframe').count()).toBe(0);
    expect(await printed()).not.toMatch(/<script/i);
    const faults = await watch.faults();
    expect(faults.filter((fault) => !fault.startsWith('navigation: about:'))).toEqual([]);
  });

  it('removes a report after a question', async () => {
    await button(ui.page, 'Remove the report').click();
    await ui.page.getByRole('alertdialog').getByRole('button', { name: 'Remove it' }).click();
    await toast(ui.page, 'The report is removed.').waitFor();
    await ui.page.getByText('There are no reports yet').waitFor();
    expect((await agent.opsReports.list({})).items).toEqual([]);
  });

  it('says how each figure was before, and whether that is better', async () => {
    await showReports(calls, 12);
    await ui.page.reload();
    const figure = (name: string) => reader().getByRole('listitem').filter({ hasText: name });
    await eventually(() => figure('Uptime').innerText()).toMatch(/99\.8 %.*99\.1 %\s*\+0\.7 points\s*\(better\)/s);
    expect(await figure('Latency (p95)').innerText()).toMatch(/60 ms\s*\+40 %\s*\(worse\)/);
    await figure('Detected to healed').getByText('not recorded').waitFor();
    await region(ui.page, 'Alerts').getByRole('link', { name: 'A breaker is open' }).waitFor();
    await ui.page.setViewportSize({ width: 1024, height: 700 });
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
    await ui.page.setViewportSize({ width: 1440, height: 900 });
  });

  it('sends a report through the channel that is chosen', async () => {
    await button(ui.page, 'Send').click();
    const asked = dialog(ui.page, 'Send the report');
    await asked.getByRole('combobox', { name: 'Through' }).waitFor({ timeout: PATIENCE_MS });
    await calls.fail('opsReports/send');
    await asked.getByRole('button', { name: 'Send' }).click();
    await toast(ui.page, `The report could not be sent: ${calls.message}`).waitFor();
    const [, second] = (await agent.opsReports.list({})).items;
    expect(second).toBeUndefined();
    await calls.answer('opsReports/send', { sent_to: ['Mail to the team'] });
    await asked.getByRole('button', { name: 'Send' }).click();
    await toast(ui.page, 'The report is on its way: Mail to the team.').waitFor();
    await asked.waitFor({ state: 'detached' });
  });

  it('says that reports cannot be read, and tries again when asked to', async () => {
    await calls.mend();
    await calls.fail('opsReports/list');
    await ui.page.reload();
    const main = ui.page.getByRole('main');
    await main.getByText(calls.message).waitFor({ timeout: PATIENCE_MS });
    await calls.mendAndPress(main.getByRole('button', { name: 'Try again' }));
    await ui.page.getByText('There are no reports yet').waitFor({ timeout: PATIENCE_MS });
  });

  describe('recommendations', () => {
    beforeAll(async () => {
      await showOps(calls);
      await calls.answer('opsActions/recommendations', sampleRecommendations());
      await go(ui.page, '/ops-agent/recommendations');
    });
    afterAll(() => calls.mend());

    it('stand by their impact, with evidence and the statement to copy', async () => {
      await ui.page.getByRole('heading', { name: '2 recommendations' }).waitFor({ timeout: PATIENCE_MS });
      const titles = await ui.page.getByRole('article').getByRole('heading').allTextContents();
      expect(titles).toEqual([
        'Add an index on memories (user_id, created_at)',
        'Clear out dead rows of archon_events',
      ]);
      const first = card('Add an index on memories (user_id, created_at)');
      await first.getByRole('region', { name: 'Evidence' }).getByText('92 %').waitFor();
      await first.getByRole('button', { name: 'Copy code' }).waitFor();
      await first.getByText('a person has to', { exact: false }).waitFor();
      expect(await first.getByRole('button', { name: /^Apply/ }).count()).toBe(0);
      expect(await overflows(ui.page)).toEqual([]);
      expect(await barriers(ui.page)).toEqual([]);
    });

    it('are applied after it showed what is done', async () => {
      await calls.answer('opsActions/apply', sampleAction(1));
      await calls.answer('opsActions/get', sampleAction(1));
      await card('Clear out dead rows of archon_events')
        .getByRole('button', { name: /^Apply/ })
        .click();
      const asked = dialog(ui.page, /^Apply: Clear out dead rows/);
      await asked.getByRole('button', { name: 'Apply it' }).click();
      await asked.getByText('The worker runs again.').waitFor();
      expect(await calls.count('opsActions/apply')).toBe(1);
      await asked.getByRole('button', { name: 'Close' }).last().click();
    });

    it('are dismissed, seen on demand, and opened again', async () => {
      const { looked_at, items } = sampleRecommendations();
      const [first, ...rest] = items;
      if (first === undefined) throw new Error('no sample');
      const dismissed = { ...first, state: { state: 'dismissed' as const, by: 'ada', at: looked_at } };
      await calls.answer('opsActions/dismiss', dismissed);
      await calls.answer('opsActions/recommendations', { looked_at, items: [dismissed, ...rest] });
      await card(first.title).getByRole('button', { name: 'Dismiss' }).click();
      await toast(ui.page, /^Dismissed: Add an index/).waitFor();
      await card(first.title).waitFor({ state: 'detached' });
      await ui.page.getByRole('switch', { name: /^Show dismissed/ }).click();
      await region(ui.page, 'Dismissed').getByRole('article', { name: first.title }).waitFor();
      await calls.answer('opsActions/dismiss', first);
      await calls.answer('opsActions/recommendations', { looked_at, items });
      await toast(ui.page, /^Dismissed/)
        .getByRole('button', { name: 'Undo' })
        .click();
      await toast(ui.page, /^It is open again/).waitFor();
      await eventually(() => region(ui.page, 'Dismissed').getByRole('article', { name: first.title }).count()).toBe(0);
    });

    it('say that there are none, and that nobody has looked yet', async () => {
      await calls.answer('opsActions/recommendations', { looked_at: null, items: [] });
      await ui.page.reload();
      await ui.page.getByText('Nothing to recommend').waitFor({ timeout: PATIENCE_MS });
      await ui.page.getByText('Archon has not looked for any yet.').waitFor();
    });
  });
});
