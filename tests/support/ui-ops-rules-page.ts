/** Rules, alerts and channels of the ops agent as a person finds them. */
import type { Locator, Page } from 'playwright-core';
import { go } from './ui-delivery-page.ts';
import { toast } from './ui-page.ts';

export const ruleDrawer = (page: Page): Locator => page.getByRole('complementary', { name: 'Rule' });
export const alertDrawer = (page: Page): Locator => page.getByRole('complementary', { name: 'Alert', exact: true });
export const channelDrawer = (page: Page): Locator => page.getByRole('complementary', { name: 'Channel' });

export const ruleRow = (page: Page, name: string): Locator =>
  page.getByRole('list', { name: 'Rules' }).getByRole('listitem', { name, exact: true });

/** Rows of a grid, without the heading. */
export const rowsOf = (page: Page, grid: string): Locator =>
  page.getByRole('grid', { name: grid }).locator('[role="row"][aria-rowindex]:not([aria-rowindex="1"])');

/** Makes a rule of one condition that is above a number. */
export async function makeRule(page: Page, rule: { name: string; signal: string; limit: string }): Promise<void> {
  await go(page, '/ops-agent/rules?new=true');
  const drawer = ruleDrawer(page);
  await drawer.getByLabel('Name').fill(rule.name);
  await drawer.getByLabel('Signal').selectOption(rule.signal);
  await drawer.getByLabel('Limit', { exact: true }).fill(rule.limit);
  await drawer.getByRole('button', { name: 'Add the rule' }).click();
  await drawer.waitFor({ state: 'detached' });
}

/** Has the agent look at everything now. */
export async function lookNow(page: Page): Promise<void> {
  await go(page, '/ops-agent');
  await page.getByRole('button', { name: 'Run now' }).click();
  await toast(page, /^It looked at everything/)
    .first()
    .waitFor();
}
