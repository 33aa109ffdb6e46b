/** What a person finds and does on the page of the metrics, in their words. */
import type { Locator, Page } from 'playwright-core';
import { eventually } from './ui-page.ts';

// Places

export const chartCard = (page: Page, title: string): Locator =>
  page.getByRole('article', { name: title, exact: true });

/** The chart itself: what the keyboard moves on. */
export const chartPlot = (page: Page, title: string): Locator =>
  page.getByRole('slider', { name: `${title}, over time`, exact: true });

export const legendButton = (page: Page, title: string, line: string): Locator =>
  page.getByRole('list', { name: `Lines of ${title}` }).getByRole('button', { name: line });

export const chartTable = (page: Page, title: string): Locator =>
  page.getByRole('complementary', { name: `Table of ${title}` });

export const rangeBar = (page: Page): Locator => page.getByRole('region', { name: 'Time range' });

// Deeds

/** Goes to a place of the page without loading it again. */
export async function visitMetrics(page: Page, search: Readonly<Record<string, string | readonly string[]>> = {}) {
  const members = Object.entries(search).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const query = new URLSearchParams(members).toString();
  await page.evaluate((path) => history.pushState(null, '', path), `/observability/metrics?${query}`);
}

export async function fromMenu(page: Page, title: string, entry: string): Promise<void> {
  await page.getByRole('button', { name: `More: ${title}` }).click();
  await page.getByRole('menuitem', { name: entry }).click();
}

/** Values of the lines beside their names, as the crosshair has them. */
export async function legendValues(page: Page, title: string): Promise<string[]> {
  return await page
    .getByRole('list', { name: `Lines of ${title}` })
    .locator('[data-value]')
    .allTextContents();
}

/** Points at a place of the chart, from 0 at its left to 1 at its right. */
export async function pointAt(page: Page, title: string, share: number): Promise<void> {
  const { x, y } = await placeAt(page, title, share);
  await page.mouse.move(x, y);
}

export async function dragOver(page: Page, title: string, begin: number, end: number): Promise<void> {
  const [from, to] = [await placeAt(page, title, begin), await placeAt(page, title, end)];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, from.y, { steps: 3 });
  await page.mouse.move(to.x, to.y, { steps: 3 });
  await page.mouse.up();
}

async function placeAt(page: Page, title: string, share: number): Promise<{ x: number; y: number }> {
  await chartPlot(page, title).scrollIntoViewIfNeeded();
  const box = await chartPlot(page, title).locator('.u-over').boundingBox();
  if (box === null) throw new Error(`the chart ${title} has no place in the page`);
  return { x: box.x + box.width * share, y: box.y + box.height / 2 };
}

/** Pixels of a colour of the theme, such as `session`, on the canvas between two shares of its plot. */
export async function pixelsOf(page: Page, title: string, colour: string, begin: number, end: number): Promise<number> {
  await chartPlot(page, title).scrollIntoViewIfNeeded();
  await eventually(() => chartPlot(page, title).locator('canvas').count()).toBe(1);
  return await chartPlot(page, title).evaluate(
    (plot, { name, from, to }) => {
      const canvas = plot.querySelector('canvas');
      const over = plot.querySelector('.u-over');
      const ctx = canvas?.getContext('2d', { willReadFrequently: true });
      if (!canvas || !over || !ctx) throw new Error('the chart is not drawn');
      const ratio = canvas.width / canvas.clientWidth;
      const [whole, inner] = [canvas.getBoundingClientRect(), over.getBoundingClientRect()];
      const left = (inner.left - whole.left + inner.width * from) * ratio;
      const width = inner.width * (to - from) * ratio;
      const { data } = ctx.getImageData(Math.round(left), 0, Math.max(1, Math.round(width)), canvas.height);
      const hex = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
      const wanted = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (wanted.every((part, i) => Math.abs(part - (data[at + i] ?? 0)) < 24)) count += 1;
      }
      return count;
    },
    { name: colour, from: begin, to: end },
  );
}

/** A place of the page's URL. */
export const searchOf = (page: Page, name: string): string | null => new URL(page.url()).searchParams.get(name);
