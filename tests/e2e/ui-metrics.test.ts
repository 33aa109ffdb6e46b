/** The charts of the observability page: what was measured, what was not, and every way to look at it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Download } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { sampleBegin, writeMetricHistory } from '../support/metric-history-file.ts';
import { copyTemplate } from '../support/template-folder.ts';
import { barriers } from '../support/ui-axe.ts';
import { Calls } from '../support/ui-calls.ts';
import { walk } from '../support/ui-focus.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import {
  chartCard,
  chartPlot,
  chartTable,
  dragOver,
  fromMenu,
  legendButton,
  legendValues,
  pixelsOf,
  pointAt,
  rangeBar,
  searchOf,
  visitMetrics,
} from '../support/ui-metrics-page.ts';
import { type Outage, outageOf } from '../support/ui-outage.ts';
import { eventually, PATIENCE_MS, waitForFirstRun } from '../support/ui-page.ts';
import { PageWatch } from '../support/ui-watch.ts';

afterAll(closeChromium);

const MINUTE = 60;
const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
const LATENCY = 'API latency';
const MEMORY = 'Memory';
const BREAKERS = 'Circuit breakers';

describe.runIf(chromiumAvailable).each(pageHosts())('$name: metrics', (host) => {
  const folder = mkdtempSync(join(tmpdir(), 'archon-metrics-'));
  // Forty minutes in the middle of which the engine did not run for ten.
  const begin = sampleBegin(Date.now() / 1000 - 100 * MINUTE);
  const span = { from: iso(begin), to: iso(begin + 40 * MINUTE) };
  const gap = { from: begin + 10 * MINUTE, to: begin + 20 * MINUTE };
  const GAP_SHARES = [0.26, 0.49] as const;
  let ui: OpenUi;
  let calls: Calls;
  let outage: Outage;
  let watch: PageWatch;
  beforeAll(async () => {
    const dataDir = join(folder, 'data');
    copyTemplate(dataDir);
    writeMetricHistory(dataDir, {
      from: begin - 20 * MINUTE,
      to: Date.now() / 1000 - 10,
      gaps: [gap],
      transitions: [
        {
          breaker: 'postgres',
          service: 'postgres',
          from: 'closed',
          to: 'open',
          at: iso(begin + 24 * MINUTE),
          error: 'connection refused',
        },
        {
          breaker: 'postgres',
          service: 'postgres',
          from: 'open',
          to: 'half_open',
          at: iso(begin + 32 * MINUTE),
          error: null,
        },
        {
          breaker: 'postgres',
          service: 'postgres',
          from: 'half_open',
          to: 'closed',
          at: iso(begin + 32 * MINUTE + 0.25),
          error: null,
        },
      ],
    });
    ui = await host.open({ dataDir });
    calls = await Calls.of(ui);
    outage = await outageOf(ui);
    await waitForFirstRun(ui.page);
    watch = new PageWatch(ui.page);
    await ui.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Observability' }).click();
    await ui.page.getByRole('link', { name: 'Metrics' }).click();
  });
  afterAll(async () => {
    await outage?.remove();
    await ui?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const settled = () => eventually(() => chartPlot(ui.page, LATENCY).getAttribute('aria-valuemax'));
  const visitSpan = async (more: Record<string, string | readonly string[]> = {}) => {
    await visitMetrics(ui.page, { ...span, ...more });
    await settled().toBe('239');
  };

  it('shows the last hour as it is linked to, and follows it', async () => {
    await rangeBar(ui.page).getByText('The last 1 h · a figure every 10 s').waitFor({ timeout: PATIENCE_MS });
    // Told from the last figures that there are, and not from what is still to come.
    expect(await chartPlot(ui.page, MEMORY).getAttribute('aria-valuetext')).toMatch(/resident [\d.]+ MB/);
    expect(await ui.page.getByRole('article').count()).toBe(18);
    expect(await rangeBar(ui.page).getByRole('switch').getAttribute('aria-checked')).toBe('true');
  });

  it('leaves a gap where Archon did not run, in every line and in words', async () => {
    await visitSpan();
    expect(await pixelsOf(ui.page, LATENCY, 'session', 0, 0.24)).toBeGreaterThan(50);
    expect(await pixelsOf(ui.page, LATENCY, 'session', 0.52, 1)).toBeGreaterThan(50);
    expect(await pixelsOf(ui.page, LATENCY, 'session', ...GAP_SHARES)).toBe(0);
    expect(await pixelsOf(ui.page, LATENCY, 'accent-text', ...GAP_SHARES)).toBe(0);
    // What no line leads to is a dot: a worker that ran once in a while.
    expect(await pixelsOf(ui.page, 'Worker execution time (mean)', 'ok', 0.52, 1)).toBeGreaterThan(10);
    await visitSpan({ table: 'api_latency' });
    const grid = chartTable(ui.page, LATENCY).getByRole('grid');
    expect(await grid.getAttribute('aria-rowcount')).toBe('241');
    await grid.focus();
    await ui.page.keyboard.press('End');
    await ui.page.keyboard.press('Home');
    const row = (seconds: number) =>
      grid.getByRole('row').filter({ has: ui.page.locator(`[datetime="${iso(seconds)}"]`) });
    // The newest stands first: the gap is gone to row by row.
    for (let page = 0; page < 8; page += 1) await ui.page.keyboard.press('PageDown');
    await eventually(() => row(gap.to).innerText()).toMatch(/\d ms/);
    await eventually(() => row(gap.to - 10).innerText()).toMatch(/(not measured\s*){3}/);
    await ui.page.keyboard.press('Escape');
    await chartTable(ui.page, LATENCY).waitFor({ state: 'detached' });
  });

  it('shows the same moment in all charts', async () => {
    await visitSpan();
    await pointAt(ui.page, LATENCY, 0.37);
    await eventually(() => legendValues(ui.page, LATENCY)).toEqual(['not measured', 'not measured', 'not measured']);
    expect(await legendValues(ui.page, 'API requests by outcome')).toEqual(Array(3).fill('not measured'));
    await pointAt(ui.page, LATENCY, 0.75);
    await eventually(() => legendValues(ui.page, LATENCY)).not.toContain('not measured');
    for (const words of await legendValues(ui.page, 'API requests by outcome')) expect(words).toMatch(/^[\d.]+\/min$/);
    const lines = await ui.page
      .locator('.u-cursor-x')
      .evaluateAll((all) => all.map((one) => getComputedStyle(one).transform));
    // Those that are drawn, and all at the same place.
    expect(lines.length).toBeGreaterThan(3);
    expect(new Set(lines.map((line) => Math.round(Number(line.split(',')[4])))).size).toBe(1);
  });

  it('zooms all charts to what is dragged over, and back', async () => {
    await visitSpan();
    await dragOver(ui.page, LATENCY, 0.5, 0.75);
    await eventually(() => searchOf(ui.page, 'from')).not.toBe(span.from);
    const zoomed = ['from', 'to'].map((end) => Date.parse(searchOf(ui.page, end) ?? '') / 1000 - begin);
    expect(zoomed[0]).toBeGreaterThan(19 * MINUTE);
    expect(zoomed[0]).toBeLessThan(21 * MINUTE);
    expect(zoomed[1]).toBeGreaterThan(29 * MINUTE);
    expect(zoomed[1]).toBeLessThan(31 * MINUTE);
    await settled().toMatch(/^(59|60|61)$/);
    await eventually(() => chartPlot(ui.page, MEMORY).getAttribute('aria-valuemax')).toMatch(/^(59|60|61)$/);
    await ui.page.goBack();
    await eventually(() => searchOf(ui.page, 'from')).toBe(span.from);
    await rangeBar(ui.page).getByRole('button', { name: 'Back to the last 1 h' }).click();
    await eventually(() => searchOf(ui.page, 'from')).toBeNull();
  });

  it('zooms with the keyboard, and tells the values of every step', async () => {
    await visitSpan();
    const plot = chartPlot(ui.page, LATENCY);
    await plot.focus();
    await ui.page.keyboard.press('Home');
    await eventually(() => plot.getAttribute('aria-valuetext')).toMatch(/p50 [\d.]+ ms, p95 [\d.]+ ms, p99 [\d.]+ ms$/);
    await ui.page.keyboard.press('Shift+PageDown');
    await ui.page.keyboard.press('Shift+ArrowRight');
    await eventually(() => plot.getAttribute('aria-valuenow')).toBe('11');
    await ui.page.keyboard.press('Enter');
    await eventually(() => searchOf(ui.page, 'to')).toBe(iso(begin + 120));
    expect(searchOf(ui.page, 'from')).toBe(span.from);
  });

  it('takes lines out and back by the legend', async () => {
    await visitSpan();
    const drawn = () => pixelsOf(ui.page, LATENCY, 'warn', 0.52, 1);
    expect(await drawn()).toBeGreaterThan(20);
    await legendButton(ui.page, LATENCY, 'p99').click();
    await eventually(drawn).toBe(0);
    expect(await legendButton(ui.page, LATENCY, 'p99').getAttribute('aria-pressed')).toBe('false');
    await legendButton(ui.page, LATENCY, 'p99').click({ modifiers: ['Alt'] });
    await eventually(drawn).toBeGreaterThan(20);
    expect(await pixelsOf(ui.page, LATENCY, 'accent-text', 0.52, 1)).toBe(0);
    await legendButton(ui.page, LATENCY, 'p99').focus();
    await ui.page.keyboard.press('Alt+Enter');
    await eventually(() => legendButton(ui.page, LATENCY, 'p95').getAttribute('aria-pressed')).toBe('true');
  });

  it('shows when breakers changed, to the moment', async () => {
    await visitSpan();
    await chartCard(ui.page, BREAKERS).getByText('3 changes in this time.').waitFor();
    const states = await chartPlot(ui.page, BREAKERS)
      .locator('li')
      .evaluateAll((all) => all.map((one) => one.getAttribute('title') ?? ''));
    expect(states.map((words) => words.split(' from ')[0])).toEqual([
      'closed',
      'closed',
      'open',
      'half open',
      'closed',
    ]);
    expect(states[2]).toMatch(/, for 8 min: connection refused$/);
    await fromMenu(ui.page, BREAKERS, 'Show as a table');
    await eventually(() =>
      chartTable(ui.page, BREAKERS).getByRole('row').filter({ hasText: 'connection refused' }).innerText(),
    ).toMatch(/postgres\s+closed → open\s+5 failures · connection refused/);
    const focused = () => ui.page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    // Opened from a menu, it takes the keyboard; closed, it gives it back.
    await eventually(focused).toBe('Close');
    await ui.page.keyboard.press('Enter');
    await eventually(focused).toBe(`More: ${BREAKERS}`);
  });

  const saved = async (download: Promise<Download>): Promise<{ name: string; content: Buffer }> => {
    const done = await download;
    const file = join(folder, done.suggestedFilename());
    await done.saveAs(file);
    return { name: done.suggestedFilename(), content: readFileSync(file) };
  };

  it('saves a chart as CSV and as a picture', async () => {
    await visitSpan();
    const csv = ui.page.waitForEvent('download');
    await fromMenu(ui.page, LATENCY, 'Save as CSV');
    const table = await saved(csv);
    expect(table.name).toMatch(/^archon-api-latency-[\dT-]+\.csv$/);
    const rows = table.content.toString().split('\r\n');
    expect(rows[0]).toBe('time,p50 (seconds),p95 (seconds),p99 (seconds)');
    expect(rows).toHaveLength(242);
    expect(rows[1]).toMatch(new RegExp(`^${span.from},0\\.\\d+,0\\.\\d+,0\\.\\d+$`));
    expect(rows).toContain(`${iso(gap.from)},,,`);
    for (const title of [LATENCY, BREAKERS]) {
      const png = ui.page.waitForEvent('download');
      await fromMenu(ui.page, title, 'Save as PNG');
      const { name, content } = await saved(png);
      expect(name).toMatch(/\.png$/);
      expect(content.subarray(0, 8)).toEqual(Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]));
      expect(content.readUInt32BE(16)).toBe(1200);
      expect(content.readUInt32BE(20)).toBeGreaterThan(100);
      expect(content.length).toBeGreaterThan(3000);
    }
  });

  it('goes through ranges, and back through them', async () => {
    await visitMetrics(ui.page);
    await rangeBar(ui.page).getByText('3 h', { exact: true }).click();
    await eventually(() => searchOf(ui.page, 'range')).toBe('3h');
    await settled().toBe('540');
    await rangeBar(ui.page).getByRole('button', { name: 'Half of it earlier' }).click();
    await rangeBar(ui.page).getByRole('button', { name: 'Back to the last 3 h' }).waitFor();
    expect(await rangeBar(ui.page).getByRole('switch').getAttribute('aria-checked')).toBe('false');
    await ui.page.goBack();
    await rangeBar(ui.page).getByText('The last 3 h').waitFor();
    await ui.page.goBack();
    await rangeBar(ui.page).getByText('The last 1 h').waitFor();
  });

  it('takes a range that is typed, and says what is wrong with it', async () => {
    await rangeBar(ui.page).getByRole('button', { name: 'Custom time range' }).click();
    const form = ui.page.getByRole('dialog', { name: 'Custom time range' });
    const local = (seconds: number) => {
      const at = new Date(seconds * 1000);
      return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
    };
    await form.getByLabel('From').fill(local(begin + 20 * MINUTE));
    await form.getByLabel('To').fill(local(begin));
    await form.getByRole('button', { name: 'Show' }).click();
    await form.getByText('Must be later than the beginning.').waitFor();
    await form.getByLabel('To').fill(local(begin + 40 * MINUTE));
    await form.getByRole('button', { name: 'Show' }).click();
    await eventually(() => searchOf(ui.page, 'from')).toBe(iso(begin + 20 * MINUTE));
    expect(searchOf(ui.page, 'to')).toBe(span.to);
  });

  it('shows one chart large, and folds sections away', async () => {
    await visitSpan();
    await ui.page.getByRole('button', { name: `Show large: ${LATENCY}` }).click();
    await eventually(() => ui.page.getByRole('article').count()).toBe(1);
    await eventually(async () => (await chartPlot(ui.page, LATENCY).boundingBox())?.height).toBeGreaterThan(500);
    await ui.page.keyboard.press('Enter');
    await eventually(() => ui.page.getByRole('article').count()).toBe(18);
    await ui.page.getByRole('button', { name: 'Resources' }).click();
    await eventually(() => ui.page.getByRole('article').count()).toBe(13);
    expect(searchOf(ui.page, 'closed')).toBe('["resources"]');
  });

  it('keeps nobody out, in a small window too', async () => {
    await visitSpan({ closed: ['events', 'resources'] });
    expect(await barriers(ui.page)).toEqual([]);
    await ui.page.setViewportSize({ width: 1024, height: 700 });
    expect(await overflows(ui.page)).toEqual([]);
    await visitSpan({ closed: ['contexts', 'events', 'services', 'resources'] });
    await rangeBar(ui.page).getByRole('radio').first().focus();
    const { unseen, stops } = await walk(ui.page);
    expect(unseen).toEqual([]);
    expect(stops).toContain(`slider ${LATENCY}, over time`);
    await visitSpan({ table: 'memory' });
    await chartTable(ui.page, MEMORY).waitFor();
    expect(await overflows(ui.page)).toEqual([]);
    await ui.page.setViewportSize({ width: 1440, height: 900 });
  });

  it('says what is missing: figures that cannot be asked for, all of them, or none yet', async () => {
    const collectors = [{ collector: 'database_pool', up: false, error: 'timed out after 1 s' }];
    await calls.answer('metrics/current', { at: iso(begin), seconds: 10, lines: [], collectors });
    await visitMetrics(ui.page, { range: '15m' });
    await rangeBar(ui.page).getByRole('button', { name: 'Read now' }).click();
    await ui.page.getByText('Figures of the database pool are not available: timed out after 1 s').waitFor();
    await calls.hold('metrics/series');
    await visitMetrics(ui.page, { range: '6h' });
    await eventually(() => ui.page.locator('[aria-busy="true"]').count()).toBeGreaterThan(0);
    await calls.fail('metrics/series');
    await ui.page.getByText(calls.message).waitFor();
    await calls.mendAndPress(ui.page.getByRole('button', { name: 'Try again' }));
    await rangeBar(ui.page).getByText('a figure every 30 s').waitFor();
    await visitMetrics(ui.page, { from: iso(begin - 9000), to: iso(begin - 8000) });
    await ui.page.getByText('Nothing was measured in this time').waitFor();
    await calls.answer('metrics/current', { at: null, seconds: null, lines: [], collectors: [] });
    await rangeBar(ui.page).getByRole('button', { name: 'Read now' }).click();
    await ui.page.getByText(/Collected every 10 s; first figures in \d+ s/).waitFor();
    await calls.mend();
  });

  it('did nothing that must never happen', async () => {
    expect(await watch.faults()).toEqual([]);
  });

  it('keeps what it has while Archon is away, and follows again', async () => {
    await visitMetrics(ui.page, { range: '15m' });
    await rangeBar(ui.page).getByText('The last 15 min · a figure every 10 s').waitFor();
    await outage.begin();
    await ui.page.getByText(/^Archon is away since \d\d:\d\d\. The charts are as they were read at/).waitFor();
    expect(await pixelsOf(ui.page, LATENCY, 'session', 0, 0.9)).toBeGreaterThan(50);
    const before = await calls.count('metrics/series');
    await outage.end();
    await eventually(() => calls.count('metrics/series')).toBeGreaterThan(before);
    await ui.page.getByText(/^Archon is away since/).waitFor({ state: 'detached' });
  });

  it('follows every ten seconds, by the clock of Archon, and asks nothing while nobody looks', async () => {
    // The computer with the page is hours ahead.
    await ui.page.clock.install({ time: Date.now() + 180 * MINUTE * 1000 });
    await ui.page.reload();
    await visitMetrics(ui.page);
    await settled().toMatch(/^(359|360)$/);
    expect(await pixelsOf(ui.page, MEMORY, 'accent-text', 0.9, 0.97)).toBeGreaterThan(10);
    const first = await calls.count('metrics/series');
    await ui.page.clock.fastForward(11_000);
    await eventually(() => calls.count('metrics/series')).toBe(first + 1);
    const see = (state: 'hidden' | 'visible') =>
      ui.page.evaluate((given) => {
        Object.defineProperty(document, 'visibilityState', { value: given, configurable: true });
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
      }, state);
    await see('hidden');
    await eventually(() => rangeBar(ui.page).locator('.animate-spin').count()).toBe(0);
    const before = await calls.count('metrics/series');
    await ui.page.clock.fastForward(120_000);
    await see('visible');
    // Once, because somebody looks again; and whatever was asked before that would have been seen before it.
    await eventually(() => calls.count('metrics/series')).toBe(before + 1);
    const asked = ['metrics/series', 'metrics/current', 'resilience/history'];
    expect((await calls.whileHidden()).filter((path) => asked.includes(path))).toEqual([]);
  });
});
