/** What a person finds and does in the user interface, in their words. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

export type TabName = 'Session' | 'Working' | 'Long-term';
export type PanelName = 'Statistics' | 'Context' | 'Controls';
export type DrawerTab = 'Content' | 'History' | 'Links';

/** How long a page may take to show what it should, on the slowest machine: a bound, never a measure. */
export const PATIENCE_MS = 90_000;

/** Asks again and again until the answer is what it should be. */
export const eventually = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: PATIENCE_MS, interval: 50 });

// Places

export const layerTab = (page: Page, name: TabName): Locator =>
  page.getByRole('tablist', { name: 'Layers of memory' }).getByRole('tab', { name: new RegExp(`^${name}`) });

export const memoryList = (page: Page): Locator => page.getByRole('grid', { name: /memories$/ });

export const memoryRow = (page: Page, text: string): Locator =>
  memoryList(page)
    .getByRole('row')
    .filter({ has: page.getByText(text, { exact: true }) });

export const drawer = (page: Page): Locator => page.getByRole('complementary', { name: 'Memory details' });

export const sidePanel = (page: Page): Locator =>
  page.getByRole('complementary', { name: 'Statistics, context and controls' });

export const conversation = (page: Page): Locator => page.getByRole('region', { name: 'Conversation' });

export const sessionList = (page: Page): Locator => page.getByRole('listbox', { name: 'Sessions' });

export const userPicker = (page: Page): Locator => page.getByRole('button', { name: /^User: / });

export const palette = (page: Page): Locator => page.getByRole('dialog', { name: 'Search and commands' });

export const toast = (page: Page, text: string | RegExp): Locator =>
  page
    .getByRole('region', { name: /^Notifications/ })
    .getByRole('listitem')
    .filter({ hasText: text });

export const offlineBanner = (page: Page): Locator =>
  page.getByRole('alert').filter({ hasText: 'What you see is from before' });

export const bulkBar = (page: Page): Locator => page.getByRole('region', { name: 'Selected memories' });

export const dialog = (page: Page, name: string | RegExp): Locator => page.getByRole('dialog', { name });

// Deeds

export type Search = Readonly<Record<string, string | true | readonly string[]>>;

/** Goes to a place of the memory inspector without loading the page again, as a link inside the app does. */
export async function visit(page: Page, search: Search): Promise<void> {
  const query = new URLSearchParams(Object.entries(search).map(([key, value]) => [key, asMember(value)])).toString();
  await page.evaluate((path) => history.pushState(null, '', path), `/memory?${query}`);
}

/** As the router writes it: what is no plain text, or would be read as something else, is JSON. */
function asMember(value: Search[string]): string {
  return typeof value === 'string' && !isJson(value) ? value : JSON.stringify(value);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export async function openTab(page: Page, name: TabName): Promise<void> {
  await layerTab(page, name).click();
  await eventually(() => layerTab(page, name).getAttribute('aria-selected')).toBe('true');
}

/** How many memories or sessions the tab says there are. */
export async function countOf(page: Page, name: TabName): Promise<number> {
  const text = (await layerTab(page, name).textContent()) ?? '';
  return Number(text.replace(name, '').replaceAll(',', ''));
}

export async function openMemory(page: Page, text: string): Promise<void> {
  await memoryRow(page, text).first().click();
  await drawer(page).getByRole('button', { name: 'Close' }).waitFor();
}

export async function closeDrawer(page: Page): Promise<void> {
  await drawer(page).getByRole('button', { name: 'Close' }).click();
  await drawer(page).waitFor({ state: 'detached' });
}

export async function openDrawerTab(page: Page, name: DrawerTab): Promise<void> {
  await drawer(page)
    .getByRole('tab', { name: new RegExp(`^${name}`) })
    .click();
}

export async function openPanel(page: Page, name: PanelName): Promise<void> {
  if (!(await sidePanel(page).isVisible())) {
    await page.getByRole('button', { name: 'Show statistics, context and controls' }).click();
  }
  await sidePanel(page).getByRole('tab', { name }).click();
}

export async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press('Control+k');
  await palette(page).getByRole('combobox').waitFor();
}

/** Types into the palette and takes the entry that says `choice`. */
export async function findInPalette(page: Page, typed: string, choice: string | RegExp): Promise<void> {
  await openPalette(page);
  await palette(page).getByRole('combobox').fill(typed);
  await palette(page).getByRole('option', { name: choice }).first().click();
  await palette(page).waitFor({ state: 'detached' });
}

export async function findInList(page: Page, text: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Find in this list' }).fill(text);
}

// What is seen

/** Texts of the rows of the list that are in sight, from the top. */
export async function shownTexts(page: Page): Promise<string[]> {
  return await memoryList(page).evaluate((list) => {
    const { top, bottom } = list.getBoundingClientRect();
    const cells = [...list.querySelectorAll('[role="gridcell"]:nth-child(2)')];
    const isInSight = (cell: Element) => {
      const box = cell.getBoundingClientRect();
      return box.bottom > top && box.top < bottom;
    };
    return cells.filter(isInSight).map((cell) => cell.textContent ?? '');
  });
}

/** The user interface is there, with the memory of somebody. */
export async function waitForInspector(page: Page): Promise<void> {
  await layerTab(page, 'Working').waitFor({ timeout: PATIENCE_MS });
}

/** Nobody has any memory yet; the first setup, which is offered once, is skipped. */
export async function waitForFirstRun(page: Page): Promise<void> {
  const heading = page.getByRole('heading', { name: 'Nothing is remembered yet' });
  const skip = page.getByRole('button', { name: 'Skip the setup' });
  await heading.or(skip).first().waitFor({ timeout: PATIENCE_MS });
  if (await skip.isVisible()) await skip.click();
  await heading.waitFor({ timeout: PATIENCE_MS });
}

/** A mark that is lost when the page is loaded anew. */
export async function mark(page: Page): Promise<void> {
  await page.evaluate(() => {
    (window as unknown as { __mark: boolean }).__mark = true;
  });
}

export const isMarked = (page: Page): Promise<boolean> => page.evaluate(() => '__mark' in window);
