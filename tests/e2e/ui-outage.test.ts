/** The engine goes away and comes back: what was read stays, nothing is lost, and the page is where it was. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf, numbered, writeWorking } from '../support/ui-agent.ts';
import { barriers } from '../support/ui-axe.ts';
import { hosts, type OpenUi } from '../support/ui-hosts.ts';
import { type Outage, outageOf } from '../support/ui-outage.ts';
import {
  bulkBar,
  drawer,
  eventually,
  isMarked,
  mark,
  memoryList,
  memoryRow,
  offlineBanner,
  PATIENCE_MS,
  shownTexts,
  toast,
  visit,
  waitForFirstRun,
} from '../support/ui-page.ts';

const CLEO = 'cleo';
const NOTES = numbered('note', 150);

afterAll(closeChromium);

/** Real Electron would take its page along. */
const ABLE = hosts().filter(({ name }) => name !== 'desktop (Electron)');

describe.runIf(chromiumAvailable).each(ABLE)('$name: without the engine', (host) => {
  let ui: OpenUi;
  let outage: Outage;
  let seen: string[];
  beforeAll(async () => {
    ui = await host.open();
    outage = await outageOf(ui);
    await waitForFirstRun(ui.page);
    await writeWorking(agentOf(ui), CLEO, NOTES);
    await writeWorking(agentOf(ui), CLEO, ['of another kind'], { memory_type: 'decision' });
    await visit(ui.page, { user: CLEO, tab: 'working', q: 'note', type: ['conversation'] });
    await memoryRow(ui.page, 'note 150').waitFor();
    await mark(ui.page);
  });
  afterAll(async () => {
    await outage?.remove();
    await ui?.close();
  });

  const scrollTop = () => memoryList(ui.page).evaluate((list) => list.scrollTop);

  /** The list stands where it stood; what has come above it may cover its end. */
  const expectSeen = async () => {
    const now = await shownTexts(ui.page);
    expect(now.length).toBeGreaterThan(10);
    expect(now).toEqual(seen.slice(0, now.length));
  };

  it('says so, and keeps what was read', async () => {
    await memoryList(ui.page).evaluate((list) => list.scrollTo({ top: 1500 }));
    await memoryRow(ui.page, 'note 100').click();
    await drawer(ui.page).getByText('note 100').waitFor();
    await eventually(scrollTop).toBe(1500);
    seen = await shownTexts(ui.page);
    await outage.begin();
    await offlineBanner(ui.page).waitFor();
    await ui.page.getByRole('region', { name: 'Status' }).getByText('Not connected').waitFor();
    await expectSeen();
    expect(await drawer(ui.page).getByText('note 100').isVisible()).toBe(true);
  });

  it('keeps nobody out meanwhile', async () => {
    expect(await barriers(ui.page)).toEqual([]);
  });

  it('still opens what it has read before', async () => {
    await memoryList(ui.page).focus();
    await ui.page.keyboard.press('Space');
    await bulkBar(ui.page).waitFor();
    await expectSeen();
  });

  it('refuses a change in words, and keeps what was chosen', async () => {
    await bulkBar(ui.page).getByRole('button', { name: 'Delete' }).click();
    await toast(ui.page, 'Archon cannot be reached right now').waitFor({ timeout: PATIENCE_MS });
    expect(await bulkBar(ui.page).getByRole('status').textContent()).toBe('1 selected');
    await expectSeen();
  });

  it('keeps what is being written', async () => {
    await drawer(ui.page).getByRole('button', { name: 'Edit' }).click();
    await drawer(ui.page).getByLabel('Text', { exact: true }).fill('note 100, in more words');
    await toast(ui.page, 'Archon cannot be reached right now').waitFor({ state: 'detached' });
    await drawer(ui.page).getByRole('button', { name: 'Save' }).click();
    await toast(ui.page, 'Archon cannot be reached right now').waitFor({ timeout: PATIENCE_MS });
    expect(await drawer(ui.page).getByLabel('Text', { exact: true }).inputValue()).toBe('note 100, in more words');
  });

  it('goes on by itself when the engine is back, where it was', async () => {
    await outage.end();
    await offlineBanner(ui.page).waitFor({ state: 'detached', timeout: PATIENCE_MS });
    await ui.page.getByRole('region', { name: 'Status' }).getByText('Connected', { exact: true }).waitFor();
    expect(await isMarked(ui.page)).toBe(true);
    const { searchParams } = new URL(ui.page.url());
    expect(searchParams.get('q')).toBe('note');
    await expectSeen();
    expect(await scrollTop()).toBe(1500);
    await drawer(ui.page).getByRole('button', { name: 'Save' }).click();
    await drawer(ui.page).getByText('note 100, in more words').waitFor({ timeout: PATIENCE_MS });
    await memoryRow(ui.page, 'note 100, in more words').waitFor();
    expect(await scrollTop()).toBe(1500);
  });

  it('has lost nothing, and follows agents again', async () => {
    const agent = agentOf(outage);
    const { items } = await agent.working.list({ user_id: CLEO, limit: 500 });
    expect(items).toHaveLength(NOTES.length + 1);
    await memoryList(ui.page).evaluate((list) => list.scrollTo({ top: 0 }));
    await writeWorking(agent, CLEO, ['note after all that']);
    await memoryRow(ui.page, 'note after all that').waitFor();
  });
});
