/** What a person finds and does in the settings, in their words. */
import type { Locator, Page } from 'playwright-core';
import { eventually, toast } from './ui-page.ts';

// Places

/** Goes to a place of the settings without loading the page again. */
export async function visitSettings(page: Page, query = ''): Promise<void> {
  await page.evaluate((path) => history.pushState(null, '', path), `/settings${query}`);
}

export async function openSection(page: Page, name: string): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Sections of the settings' })
    .getByRole('link', { name: new RegExp(`^${name}`) })
    .click();
  await page.getByRole('region', { name, exact: true }).waitFor();
}

/** The line of a setting, with its control, its marks and its buttons. */
export const settingRow = (page: Page, title: string): Locator =>
  page.getByRole('listitem', { name: title, exact: true });

/** Where it is typed; with suggestions it is a combobox. */
export const field = (page: Page, title: string): Locator =>
  page
    .getByRole('textbox', { name: title, exact: true })
    .or(page.locator('input').and(page.getByRole('combobox', { name: title, exact: true })));

export const toggle = (page: Page, title: string): Locator => page.getByRole('switch', { name: title, exact: true });

export const saveBar = (page: Page): Locator => page.getByRole('region', { name: 'Unsaved changes' });

export const restartBar = (page: Page): Locator => page.getByRole('region', { name: 'Restart', exact: true });

export const question = (page: Page): Locator => page.getByRole('alertdialog');

export const historyEntries = (page: Page): Locator =>
  page.getByRole('region', { name: 'History' }).getByRole('list', { name: 'Changes' }).locator(':scope > li');

// Deeds

/** Saves the section, says yes to its risks, and waits for the word about it. */
export async function save(page: Page, { isRisky = false } = {}): Promise<void> {
  await saveBar(page).getByRole('button', { name: /^Save/ }).click();
  if (isRisky) await question(page).getByRole('button', { name: 'Save' }).click();
  await saveBar(page).waitFor({ state: 'detached' });
  await toast(page, /saved/).first().waitFor();
}

/** What is shown last as saved is taken back. */
export async function undoLast(page: Page): Promise<void> {
  await toast(page, /saved/).first().getByRole('button', { name: 'Undo' }).click();
  await toast(page, 'Undone.').first().waitFor();
}

export async function find(page: Page, text: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Find a setting' }).fill(text);
  await eventually(() => new URL(page.url()).searchParams.get('find')).toBe(text === '' ? null : text);
}

/** Messages go, so that the next one is the next one. */
export async function closeToasts(page: Page): Promise<void> {
  // Not by the mouse: they move while they come and go.
  await page.evaluate(() => {
    for (const button of document.querySelectorAll<HTMLElement>('[data-sonner-toast] [data-close-button]'))
      button.click();
  });
  await eventually(() => toast(page, /./).count()).toBe(0);
}
