/** What a person finds and does among dead letters and webhooks, in their words. */
import type { Locator, Page } from 'playwright-core';
import type { ArchonClient } from '../../src-contract/index.ts';
import { dialog, eventually } from './ui-page.ts';

/** Webhooks to this computer, and dead letters at once. */
export const FAST_DELIVERY = {
  ARCHON_EVENTS_WEBHOOKS_ALLOW_PRIVATE: 'true',
  ARCHON_EVENTS_RETRY_FIRST_SECONDS: '1',
  ARCHON_EVENTS_RETRY_MAX_SECONDS: '1',
  ARCHON_EVENTS_RETRY_ATTEMPTS: '1',
};

// Places

/** Goes to a place of the app without loading the page again, as a link inside it does. */
export async function go(page: Page, path: `/${string}`): Promise<void> {
  await page.evaluate((to) => history.pushState(null, '', to), path);
}

export const letterGrid = (page: Page): Locator => page.getByRole('grid', { name: 'Dead letters' });

/** Rows of letters, without the heading. */
export const letterRows = (page: Page): Locator =>
  letterGrid(page).locator('[role="row"][aria-rowindex]:not([aria-rowindex="1"])');

export const letterDrawer = (page: Page): Locator => page.getByRole('complementary', { name: 'Dead letter' });

export const replayRuns = (page: Page): Locator => page.getByRole('region', { name: 'Replays of many' });

export const selectedLetters = (page: Page): Locator => page.getByRole('region', { name: 'Selected dead letters' });

export const webhookRow = (page: Page, name: string): Locator =>
  page.getByRole('list', { name: 'Webhooks' }).getByRole('listitem', { name, exact: true });

export const webhookDrawer = (page: Page): Locator => page.getByRole('complementary', { name: 'Webhook' });

export const secretDialog = (page: Page): Locator => dialog(page, 'The secret of this webhook');

// Deeds

export interface NewWebhook {
  name: string;
  url: string;
  /** All of them when there are none. */
  types?: readonly string[];
  user?: string;
}

/** Makes a webhook from wherever webhooks are shown, and keeps its secret. @returns the secret */
export async function makeWebhook(page: Page, { name, url, types = [], user }: NewWebhook): Promise<string> {
  await page.getByRole('button', { name: 'New webhook' }).click();
  const form = dialog(page, 'New webhook');
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('URL').fill(url);
  if (types.length > 0) await form.getByText('Only some types').click();
  for (const type of types) await form.getByRole('checkbox', { name: type, exact: true }).click();
  if (user !== undefined) await form.getByLabel('Only of this user').fill(user);
  await form.getByRole('button', { name: 'Create' }).click();
  const secret = await secretDialog(page)
    .getByText(/^whsec_/)
    .textContent();
  await secretDialog(page).getByRole('button', { name: 'I have kept it' }).click();
  await webhookRow(page, name).waitFor();
  return secret ?? '';
}

export async function openWebhook(page: Page, name: string): Promise<void> {
  await webhookRow(page, name).getByRole('button', { name, exact: true }).click();
  await webhookDrawer(page).getByRole('heading', { name }).waitFor();
}

/** Begins sessions with these ids: each is an event. */
export async function beginSessions(agent: ArchonClient, ids: readonly string[], user_id = 'ana'): Promise<void> {
  for (const session_id of ids) await agent.sessions.create({ session_id, user_id });
}

export async function expectDead(agent: ArchonClient, count: number): Promise<void> {
  await eventually(async () => (await agent.deadLetters.stats()).dead).toBe(count);
}
