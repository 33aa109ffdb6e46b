/** The user interface in Chromium on 100,000 memories of one user: the first view, its scripts, and frames while scrolling. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createORPCClient } from '@orpc/client';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import type { Browser, Page } from 'playwright-core';
import { type ArchonClient, contract } from '../src-contract/index.ts';
import { chromiumAvailable, closeChromium, launchChromium } from '../tests/support/chromium.ts';
import { randomNumbers } from '../tests/support/random-numbers.ts';
import { percentile, type Row, RUNS } from './measure.ts';
import { sentence } from './sample-text.ts';
import { needBuild, newPage, RENDERER, type Serving, serve } from './served-page.ts';

const MEMORIES = 100_000;
/** Of somebody with a few weeks behind them: the figures of a view that is not slowed by its data. */
const FEW_MEMORIES = 1000;
const BATCH = 500;
const USER = 'bench';
const USER_OF_FEW = 'bench-few';
const SCROLL_MS = 5000;
/** As a hand that turns the wheel fast, in pixels a frame. */
const STEP_PX = 120;

export async function benchUi(): Promise<Row[]> {
  if (!chromiumAvailable) return [];
  needBuild();
  const folder = mkdtempSync(join(tmpdir(), 'archon-bench-ui-'));
  const serving = await serve(join(folder, 'data'));
  try {
    await fill(serving);
    const browser = await launchChromium();
    return [...(await firstViews(browser, serving)), ...(await scrolling(browser, serving))];
  } finally {
    await closeChromium();
    await serving.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill({ url, token }: Serving): Promise<void> {
  const link = new OpenAPILink(contract, { url, headers: { authorization: `Bearer ${token}` } });
  const client = createORPCClient<ArchonClient>(link);
  const random = randomNumbers(11);
  for (let done = 0; done < MEMORIES + FEW_MEMORIES; done += BATCH) {
    const items = Array.from({ length: BATCH }, () => ({
      user_id: done < MEMORIES ? USER : USER_OF_FEW,
      memory_type: 'conversation' as const,
      content: { text: sentence(random) },
      tags: ['bench', `tag-${Math.floor(random() * 50)}`],
    }));
    await client.working.createBatch({ items });
  }
}

declare global {
  interface Window {
    /** When the first row of the list could be clicked, in milliseconds since the navigation began. */
    __interactive_ms?: number;
  }
}

interface FirstView {
  /** From the first byte of the page to a list that can be used. */
  view_ms: number;
  /** Names of the scripts that were loaded until then. */
  scripts: string[];
}

async function firstViews(browser: Browser, serving: Serving): Promise<Row[]> {
  const many = await viewsOf(browser, serving, USER);
  const few = await viewsOf(browser, serving, USER_OF_FEW);
  const kilobytes = many.map(({ scripts }) => gzipKilobytes(scripts));
  const row = (memories: number, views: readonly FirstView[]): Row => {
    const times = views.map(({ view_ms }) => view_ms);
    return {
      measure: `first view of ${memories.toLocaleString('en')} memories, from the answer of the server`,
      store: 'browser',
      p50: percentile(times, 0.5),
      p95: percentile(times, 0.95),
      unit: 'ms',
    };
  };
  return [
    row(MEMORIES, many),
    row(FEW_MEMORIES, few),
    { measure: 'scripts until the first view, gzip', store: 'browser', p50: percentile(kilobytes, 0.5), unit: 'kB' },
  ];
}

/** Each with nothing in the browser's cache. */
async function viewsOf(browser: Browser, serving: Serving, user_id: string): Promise<FirstView[]> {
  const views: FirstView[] = [];
  // The first one finds the caches of the server cold, and is not counted.
  for (let run = 0; run <= RUNS; run += 1) {
    const page = await newPage(browser, serving);
    const view = await firstView(page, `${serving.url}/memory?user=${user_id}&tab=working`);
    await page.context().close();
    if (run > 0) views.push(view);
  }
  return views;
}

async function firstView(page: Page, url: string): Promise<FirstView> {
  await page.addInitScript(() => {
    const look = () => {
      const row = document.querySelector('[role="grid"] [role="row"][aria-selected]');
      if (row === null) return requestAnimationFrame(look);
      // In sight from the next frame on.
      return requestAnimationFrame(() => {
        window.__interactive_ms = performance.now();
      });
    };
    requestAnimationFrame(look);
  });
  await page.goto(url);
  await page.waitForFunction(() => window.__interactive_ms !== undefined);
  return await page.evaluate(() => {
    const interactive_ms = window.__interactive_ms ?? Number.NaN;
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    const scripts = (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
      .filter(({ name, responseEnd }) => name.endsWith('.js') && responseEnd <= interactive_ms)
      .map(({ name }) => new URL(name).pathname);
    return { view_ms: interactive_ms - (navigation?.responseStart ?? 0), scripts };
  });
}

function gzipKilobytes(scripts: readonly string[]): number {
  const bytes = scripts.map((path) => gzipSync(readFileSync(join(RENDERER, path)), { level: 9 }).length);
  return bytes.reduce((sum, size) => sum + size, 0) / 1000;
}

async function scrolling(browser: Browser, serving: Serving): Promise<Row[]> {
  const page = await newPage(browser, serving);
  await page.goto(`${serving.url}/memory?user=${USER}&tab=working`);
  await page.getByRole('grid', { name: 'Working memories' }).waitFor();
  const arriving = await frames(page);
  const began = performance.now();
  await readAll(page);
  const reading_ms = performance.now() - began;
  const whole = await frames(page);
  await page.context().close();
  const row = (measure: string, times: readonly number[]): Row => ({
    measure,
    store: 'browser',
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    unit: 'ms',
  });
  return [
    row('frame while scrolling, pages arriving', arriving),
    row(`frame while scrolling ${MEMORIES.toLocaleString('en')} rows`, whole),
    { measure: 'reading all of them by scrolling to the end', store: 'browser', p50: reading_ms, unit: 'ms' },
  ];
}

/** Milliseconds between frames while the list is scrolled from its top. */
async function frames(page: Page): Promise<number[]> {
  return await page.getByRole('grid', { name: 'Working memories' }).evaluate(
    async (list, { scroll_ms, step_px }) => {
      const nextFrame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
      list.scrollTo({ top: 0 });
      await nextFrame();
      const times: number[] = [];
      let before = await nextFrame();
      const end = before + scroll_ms;
      while (before < end) {
        list.scrollBy({ top: step_px });
        const now = await nextFrame();
        times.push(now - before);
        before = now;
      }
      return times;
    },
    { scroll_ms: SCROLL_MS, step_px: STEP_PX },
  );
}

/** Scrolls to the end until no more comes. */
async function readAll(page: Page): Promise<void> {
  await page.getByRole('grid', { name: 'Working memories' }).evaluate(async (list) => {
    while (list.getAttribute('aria-rowcount') === '-1') {
      list.scrollTo({ top: list.scrollHeight });
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  });
}
