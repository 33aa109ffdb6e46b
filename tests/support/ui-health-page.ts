/** What a person finds and does on the health page, in their words. */
import type { Locator, Page } from 'playwright-core';
import { eventually, PATIENCE_MS } from './ui-page.ts';

// Places

export const healthSentence = (page: Page): Locator =>
  page.getByRole('region', { name: 'Status at a glance' }).getByRole('paragraph');

export const healthCard = (page: Page, title: string): Locator =>
  page.getByRole('article', { name: title, exact: true });

export const warnings = (page: Page): Locator => page.getByRole('region', { name: 'Warnings' });

export const breakerRow = (page: Page, title: string): Locator =>
  page
    .getByRole('region', { name: 'Circuit breakers' })
    .getByRole('listitem')
    .filter({ has: page.getByRole('button', { name: `Details of the breaker of ${title}` }) });

export const queues = (page: Page): Locator => page.getByRole('region', { name: 'Queues' });

export const componentDrawer = (page: Page): Locator => page.getByRole('complementary', { name: 'Component details' });

export const breakerDrawer = (page: Page): Locator => page.getByRole('complementary', { name: 'Breaker details' });

export const refusedDrawer = (page: Page): Locator => page.getByRole('complementary', { name: 'Refused writes' });

export const refusedRows = (page: Page): Locator =>
  refusedDrawer(page)
    .getByRole('grid', { name: 'Refused writes' })
    .getByRole('row')
    .filter({ has: page.getByRole('gridcell') });

export const refusedDetails = (page: Page): Locator =>
  refusedDrawer(page).getByRole('region', { name: 'Details of the refused write' });

export const healthLink = (page: Page): Locator =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Observability/ });

// Deeds

/** Goes to a place of the page without loading it again. */
export async function visitHealth(page: Page, query = ''): Promise<void> {
  await page.evaluate((path) => history.pushState(null, '', path), `/observability${query}`);
  await page.getByRole('article').first().waitFor({ timeout: PATIENCE_MS });
}

/** The browser thinks that nobody sees the page, or that somebody does again. */
export async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(
    (state) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    },
    isHidden ? 'hidden' : 'visible',
  );
}

// What is seen

export const expectSentence = async (page: Page, sentence: RegExp): Promise<void> => {
  await eventually(() => healthSentence(page).innerText()).toMatch(sentence);
};

/** How long it has lasted what the sentence tells of, in seconds, as it says itself. */
export async function secondsOf(page: Page): Promise<number> {
  const [, minutes = '0', seconds = '0'] =
    /\((?:(\d+) min)? ?(?:(\d+) s)?\)/.exec(await healthSentence(page).innerText()) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

/** `healthy`, `degraded`, `unhealthy`; `unknown` where nothing is said of now. */
export const statusOf = (page: Page, title: string): Promise<string | null> =>
  healthCard(page, title).getAttribute('data-status');

declare global {
  interface Window {
    /** Milliseconds since the epoch. */
    __red_ms?: number;
  }
}

/** Notes in the page when the card is red, by looking at it all the time. */
export async function watchForRed(page: Page, title: string): Promise<() => Promise<number>> {
  await page.evaluate((name) => {
    const timer = setInterval(() => {
      if (document.querySelector(`article[aria-label="${name}"][data-status="unhealthy"]`) === null) return;
      window.__red_ms = Date.now();
      clearInterval(timer);
    }, 20);
  }, title);
  return async () => {
    await page.waitForFunction(() => window.__red_ms !== undefined, undefined, { timeout: PATIENCE_MS });
    return await page.evaluate(() => window.__red_ms ?? 0);
  };
}
