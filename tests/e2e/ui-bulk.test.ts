/** Many memories at once: choose, tag, pin, delete, and take it back. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf, numbered, writeLongTerm } from '../support/ui-agent.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import {
  bulkBar,
  countOf,
  drawer,
  eventually,
  memoryList,
  memoryRow,
  shownTexts,
  toast,
  visit,
  waitForFirstRun,
} from '../support/ui-page.ts';

const [BEN, BELLA] = ['ben', 'bella'];
/** As they stand in the list: the newest first. */
const FACTS = numbered('fact', 12).reverse();

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: many memories at once', (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  beforeAll(async () => {
    ui = await host.open();
    agent = agentOf(ui);
    await waitForFirstRun(ui.page);
    await writeLongTerm(agent, BEN, FACTS.toReversed());
    await visit(ui.page, { user: BEN, tab: 'longterm' });
    await memoryRow(ui.page, 'fact 12').waitFor();
  });
  afterAll(() => ui?.close());

  const tick = (text: string) => memoryRow(ui.page, text).getByRole('checkbox').click();
  const selected = () => bulkBar(ui.page).getByRole('status').textContent();
  const inBar = (name: string) => bulkBar(ui.page).getByRole('button', { name, exact: true });
  const undo = async (text: string | RegExp) => {
    await toast(ui.page, text).getByRole('button', { name: 'Undo' }).click();
  };
  const facts = async (more: { include_deleted?: boolean } = {}) =>
    (await agent.longterm.list({ user_id: BEN, ...more })).items;

  it('selects one by one, a range, and with the keyboard', async () => {
    expect(await shownTexts(ui.page)).toEqual(FACTS);
    await tick('fact 12');
    await memoryRow(ui.page, 'fact 10').click({ modifiers: ['Shift'] });
    await eventually(selected).toBe('3 selected');
    await memoryRow(ui.page, 'fact 8').click({ modifiers: ['Control'] });
    await eventually(selected).toBe('4 selected');
    await memoryList(ui.page).focus();
    await ui.page.keyboard.press('ArrowDown');
    await ui.page.keyboard.press('Space');
    await eventually(selected).toBe('5 selected');
    const chosen = memoryList(ui.page).getByRole('row', { selected: true });
    await eventually(() => chosen.count()).toBe(5);
    expect(await drawer(ui.page).count()).toBe(0);
  });

  it('tags all of them, and takes the tag back', async () => {
    await inBar('Tag').click();
    await ui.page.getByRole('textbox', { name: 'Tags, with commas' }).fill('travel, 2026');
    await ui.page.keyboard.press('Enter');
    await toast(ui.page, '5 memories tagged.').waitFor();
    await memoryRow(ui.page, 'fact 12').getByText('travel').waitFor();
    expect((await facts()).filter(({ tags }) => tags.includes('travel') && tags.includes('2026'))).toHaveLength(5);
    await undo('5 memories tagged.');
    await toast(ui.page, '5 memories untagged.').waitFor();
    await memoryRow(ui.page, 'fact 12').getByText('travel').waitFor({ state: 'detached' });
    expect((await facts()).flatMap(({ tags }) => tags)).toEqual([]);
  });

  it('pins them, and takes it back', async () => {
    await tick('fact 1');
    await tick('fact 2');
    await inBar('Pin').click();
    await memoryRow(ui.page, 'fact 2').getByRole('img', { name: 'Pinned' }).waitFor();
    await undo('2 memories pinned.');
    await memoryRow(ui.page, 'fact 2').getByRole('img', { name: 'Pinned' }).waitFor({ state: 'detached' });
    expect((await facts()).filter(({ pinned }) => pinned)).toEqual([]);
  });

  it('deletes them, and restores every one', async () => {
    const before = await facts();
    await ui.page.getByRole('checkbox', { name: 'Select all that are shown' }).click();
    await eventually(selected).toBe('12 selected');
    await inBar('Delete').click();
    await ui.page.getByText('No long-term memories yet', { exact: true }).waitFor();
    await eventually(() => countOf(ui.page, 'Long-term')).toBe(0);
    expect(await facts()).toEqual([]);
    await undo('12 memories deleted.');
    await memoryRow(ui.page, 'fact 12').waitFor();
    await eventually(() => shownTexts(ui.page)).toEqual(FACTS);
    await eventually(() => countOf(ui.page, 'Long-term')).toBe(12);
    const fields = (list: typeof before) =>
      list.map(({ id, content, tags, pinned }) => ({ id, content, tags, pinned }));
    expect(fields(await facts())).toEqual(fields(before));
  });

  it('shows deleted ones when asked, and restores them from there', async () => {
    await tick('fact 5');
    await ui.page.keyboard.press('Escape');
    await bulkBar(ui.page).waitFor({ state: 'detached' });
    await tick('fact 5');
    await inBar('Delete').click();
    await memoryRow(ui.page, 'fact 5').waitFor({ state: 'detached' });
    await visit(ui.page, { user: BEN, tab: 'longterm', deleted: true });
    await memoryRow(ui.page, 'fact 5').getByText('deleted').waitFor();
    await tick('fact 5');
    await inBar('Restore').click();
    await memoryRow(ui.page, 'fact 5').getByText('deleted').waitFor({ state: 'detached' });
    expect(await facts()).toHaveLength(12);
  });

  it('brings back what was deleted to its place, far down as well', async () => {
    await writeLongTerm(agent, BELLA, numbered('item', 260));
    await visit(ui.page, { user: BELLA, tab: 'longterm' });
    await memoryRow(ui.page, 'item 260').waitFor();
    await memoryRow(ui.page, 'item 255').click({ modifiers: ['Control'] });
    await eventually(async () => {
      await memoryList(ui.page).evaluate((list) => list.scrollTo({ top: list.scrollHeight }));
      return await memoryRow(ui.page, 'item 1').isVisible();
    }).toBe(true);
    await tick('item 10');
    await inBar('Delete').click();
    await memoryRow(ui.page, 'item 10').waitFor({ state: 'detached' });
    await undo('2 memories deleted.');
    await memoryRow(ui.page, 'item 10').waitFor();
    const around = (await shownTexts(ui.page)).filter((text) => /^item (9|10|11)$/.test(text));
    expect(around).toEqual(['item 11', 'item 10', 'item 9']);
    // What comes back above while it is scrolled keeps the place of before.
    await eventually(async () => {
      await memoryList(ui.page).evaluate((list) => list.scrollTo({ top: 0 }));
      return await memoryRow(ui.page, 'item 255').isVisible();
    }).toBe(true);
    expect((await shownTexts(ui.page)).slice(0, 7)).toEqual(numbered('item', 260).reverse().slice(0, 7));
  });

  it('saves the selection as JSON', async () => {
    await visit(ui.page, { user: BEN, tab: 'longterm' });
    await tick('fact 7');
    await tick('fact 6');
    const started = ui.page.waitForEvent('download');
    await inBar('JSON').click();
    const folder = mkdtempSync(join(tmpdir(), 'archon-selection-'));
    const file = join(folder, 'selection.json');
    await (await started).saveAs(file);
    const saved: { content: { text: string } }[] = JSON.parse(readFileSync(file, 'utf8'));
    rmSync(folder, { recursive: true });
    expect(saved.map(({ content }) => content.text)).toEqual(['fact 7', 'fact 6']);
  });
});
