/** The charts of the observability page on a day of 10-second samples: how soon they are drawn, and how smooth they are. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { METRIC_SERIES_NAMES } from '../src-contract/index.ts';
import { chromiumAvailable, closeChromium, launchChromium } from '../tests/support/chromium.ts';
import { writeMetricHistory } from '../tests/support/metric-history-file.ts';
import { measure, percentile, type Row, RUNS } from './measure.ts';
import { needBuild, newPage, type Serving, serve } from './served-page.ts';

const DAY_SECONDS = 86_400;
const MOVE_MS = 5000;
/** A frame that was missed at 60 a second. */
const DROPPED_MS = 2 * 16.7;
/** So high that all charts, more than 30 lines, are in sight and drawn at once. */
const ALL_IN_SIGHT = { width: 1440, height: 3200 };
const WINDOW = { width: 1440, height: 900 };
/** Where the page tells when its charts were drawn. */
const DRAWN = 'archon-metrics-drawn';

export async function benchDashboard(): Promise<Row[]> {
  if (!chromiumAvailable) return [];
  needBuild();
  const folder = mkdtempSync(join(tmpdir(), 'archon-bench-dashboard-'));
  const data_dir = join(folder, 'data');
  const now = Date.now() / 1000;
  writeMetricHistory(data_dir, { from: now - DAY_SECONDS, to: now, gaps: [{ from: now - 40_000, to: now - 36_000 }] });
  const serving = await serve(data_dir);
  try {
    const browser = await launchChromium();
    return [
      await answering(serving),
      await drawing(browser, serving, 'all charts', ALL_IN_SIGHT),
      await drawing(browser, serving, 'the charts of a window', WINDOW),
      ...(await moving(browser, serving, WINDOW)),
      ...(await moving(browser, serving, ALL_IN_SIGHT)),
    ];
  } finally {
    await closeChromium();
    await serving.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As the page asks for it. */
async function answering({ url, token }: Serving): Promise<Row> {
  const { p50_ms, p95_ms } = await measure(5, async () => {
    const query = new URLSearchParams(METRIC_SERIES_NAMES.map((name, i) => [`names[${i}]`, name]));
    query.set('from', new Date(Date.now() - DAY_SECONDS * 1000).toISOString());
    query.set('max_points', '1000');
    const answer = await fetch(`${url}/api/metrics/series?${query}`, { headers: { authorization: `Bearer ${token}` } });
    if (!answer.ok) throw new Error(`the figures were answered with ${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
  });
  return {
    measure: 'the figures of all charts of a day, by HTTP',
    store: 'SQLite',
    p50: p50_ms,
    p95: p95_ms,
    unit: 'ms',
  };
}

async function open(browser: Browser, serving: Serving, viewport: typeof WINDOW): Promise<Page> {
  const page = await newPage(browser, serving, viewport);
  await page.goto(`${serving.url}/observability/metrics?range=24h`);
  await page.waitForFunction((name) => performance.getEntriesByName(name).length > 0, DRAWN);
  return page;
}

const drawnIn = async (page: Page): Promise<number> =>
  await page.evaluate((name) => performance.getEntriesByName(name)[0]?.duration ?? Number.NaN, DRAWN);

async function drawing(browser: Browser, serving: Serving, what: string, viewport: typeof WINDOW): Promise<Row> {
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const page = await open(browser, serving, viewport);
    if (run > 0) times.push(await drawnIn(page));
    await page.context().close();
  }
  return {
    measure: `${what} of a day, from the figures to the frame`,
    store: 'browser',
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    unit: 'ms',
  };
}

/** Milliseconds between frames while the crosshair goes over the charts, against the same page left alone. */
async function moving(browser: Browser, serving: Serving, viewport: typeof WINDOW): Promise<Row[]> {
  const page = await open(browser, serving, viewport);
  const charts = await page.locator('article canvas').count();
  const still = await frames(page, { isMoving: false });
  const moved = await frames(page, { isMoving: true });
  const updated = await frames(page, { isMoving: true, update: true });
  const redrawn = await drawnIn(page);
  await page.context().close();
  const row = (measured: string, times: readonly number[]): Row[] => [
    {
      measure: `frame ${measured}, ${charts} charts (floor: left alone)`,
      store: 'browser',
      p50: percentile(times, 0.5),
      p95: percentile(times, 0.95),
      floor_p50: percentile(still, 0.5),
      unit: 'ms',
    },
    {
      measure: `frames dropped ${measured} (floor: left alone)`,
      store: 'browser',
      p50: droppedOf(times),
      floor_p50: droppedOf(still),
      unit: 'ratio',
    },
  ];
  return [
    ...row('while the crosshair moves', moved),
    ...row('while it moves and figures are read anew each second', updated),
    {
      measure: `${charts} charts of a day drawn anew, from the figures to the frame`,
      store: 'browser',
      p50: redrawn,
      unit: 'ms',
    },
    { measure: 'longest frame of them', store: 'browser', p50: Math.max(...updated), unit: 'ms' },
  ];
}

const droppedOf = (times: readonly number[]): number => times.filter((time) => time > DROPPED_MS).length / times.length;

async function frames(page: Page, how: { isMoving: boolean; update?: boolean }): Promise<number[]> {
  return await page.evaluate(
    async ({ isMoving, update, move_ms }) => {
      const over = document.querySelector('.u-over');
      if (over === null) throw new Error('there is no chart');
      const { left, top, width, height } = over.getBoundingClientRect();
      const nextFrame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
      const times: number[] = [];
      let before = await nextFrame();
      const begin = before;
      let reads = 0;
      for (let i = 0; before < begin + move_ms; i += 1) {
        if (isMoving) {
          const at = { clientX: left + ((i * 7) % width), clientY: top + height / 2, bubbles: true };
          over.dispatchEvent(new MouseEvent('mousemove', at));
        }
        if (update && before - begin > reads * 1000) {
          reads += 1;
          document.querySelector<HTMLElement>('[aria-label="Read now"]')?.click();
        }
        const now = await nextFrame();
        times.push(now - before);
        before = now;
      }
      return times;
    },
    { isMoving: how.isMoving, update: how.update ?? false, move_ms: MOVE_MS },
  );
}
