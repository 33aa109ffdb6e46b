/** Everything without a mouse, and always seeing where the keyboard is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf, numbered, writeDemo, writeWorking } from '../support/ui-agent.ts';
import { focusOf, walk } from '../support/ui-focus.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import {
  bulkBar,
  conversation,
  dialog,
  drawer,
  eventually,
  layerTab,
  memoryList,
  memoryRow,
  palette,
  sessionList,
  sidePanel,
  toast,
  visit,
  waitForFirstRun,
  waitForInspector,
} from '../support/ui-page.ts';

const LIST = 'grid Working memories';

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: by keyboard alone', (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  beforeAll(async () => {
    ui = await host.open();
    agent = agentOf(ui);
    await waitForFirstRun(ui.page);
    await writeDemo(agent);
    await writeWorking(agent, 'priya', numbered('errand', 4));
    await waitForInspector(ui.page);
    await memoryRow(ui.page, 'errand 4').waitFor();
  });
  afterAll(() => ui?.close());

  const press = async (...keys: string[]) => {
    for (const key of keys) await ui.page.keyboard.press(key);
  };
  const focused = async () => (await focusOf(ui.page)).what;
  /** Where the keyboard is, in sight. */
  const expectFocus = async (what: string | RegExp) => {
    await eventually(focused).toMatch(what);
    expect(await focusOf(ui.page)).toMatchObject({ isVisible: true });
  };
  const isChosen = (name: 'Session' | 'Working' | 'Long-term') =>
    eventually(() => layerTab(ui.page, name).getAttribute('aria-selected')).toBe('true');
  const focusList = async () => {
    await memoryList(ui.page).focus();
    await expectFocus(/^grid/);
  };

  it('begins with a link past the menu', async () => {
    // As for somebody who has clicked nowhere yet: a browser goes on from the place of the last click.
    await ui.page.evaluate(() => {
      document.body.tabIndex = -1;
      document.body.focus();
      document.body.removeAttribute('tabindex');
    });
    await press('Tab');
    await expectFocus('a Skip to content');
    await press('Enter');
    await eventually(focused).toMatch(/^main/);
    await press('Tab');
    await expectFocus(/^button User: priya/);
  });

  it('reaches every control, shows where it is, and gets out again', async () => {
    const { stops, unseen, hasEnd } = await walk(ui.page);
    expect(unseen).toEqual([]);
    expect(hasEnd).toBe(true);
    for (const stop of [
      LIST,
      'button Export',
      'searchbox Find in this list',
      'button Type, filter by type',
      'tab Statistics',
    ]) {
      expect(stops).toContain(stop);
    }
    const back = await walk(ui.page, 'Shift+Tab');
    expect(back.unseen).toEqual([]);
    expect(back.hasEnd).toBe(true);
  });

  it('goes to a layer with 1, 2 and 3', async () => {
    await ui.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await press('3');
    await isChosen('Long-term');
    await press('1');
    await isChosen('Session');
    await press('2');
    await isChosen('Working');
  });

  it('moves between tabs with the arrows', async () => {
    await layerTab(ui.page, 'Working').focus();
    await press('ArrowRight');
    await isChosen('Long-term');
    await expectFocus(/^tab Long-term/);
    await press('ArrowLeft');
    await isChosen('Working');
  });

  it('moves through the list, opens a memory and comes back to its place', async () => {
    await focusList();
    await press('Home', 'ArrowDown', 'ArrowDown', 'Enter');
    await drawer(ui.page).getByText('errand 2', { exact: true }).waitFor();
    await expectFocus('button Close');
    const { unseen } = await walk(ui.page);
    expect(unseen).toEqual([]);
    await drawer(ui.page).getByRole('button', { name: 'Close' }).focus();
    await press('Escape');
    await drawer(ui.page).waitFor({ state: 'detached' });
    await expectFocus(LIST);
    await press('ArrowUp', 'Enter');
    await drawer(ui.page).getByText('errand 3', { exact: true }).waitFor();
    await press('Escape');
    await expectFocus(LIST);
  });

  it('goes a long way and back with End and Home', async () => {
    await focusList();
    await press('End');
    const rows = await memoryList(ui.page).getAttribute('aria-rowcount');
    expect(rows).not.toBeNull();
    await eventually(() => memoryList(ui.page).evaluate((list) => list.scrollTop)).toBeGreaterThan(1000);
    expect(await focusOf(ui.page)).toMatchObject({ isVisible: true });
    await press('Home');
    await eventually(() => memoryList(ui.page).evaluate((list) => list.scrollTop)).toBe(0);
  });

  it('selects with Space and Shift, and lets go with Escape', async () => {
    await focusList();
    await press('Home', 'Space', 'Shift+ArrowDown', 'Shift+ArrowDown');
    await eventually(() => bulkBar(ui.page).getByRole('status').textContent()).toBe('3 selected');
    await press('Control+a');
    await eventually(() => bulkBar(ui.page).getByRole('status').textContent()).toMatch(/^\d{2,} selected$/);
    await press('Escape');
    await bulkBar(ui.page).waitFor({ state: 'detached' });
    await expectFocus(LIST);
  });

  it('deletes with Delete, and takes it back', async () => {
    await focusList();
    await press('Home', 'Delete');
    await memoryRow(ui.page, 'errand 4').waitFor({ state: 'detached' });
    await toast(ui.page, '1 memory deleted.').waitFor();
    // The keys that sonner gives to its messages.
    await press('Alt+t', 'Tab', 'Tab');
    await toast(ui.page, '1 memory deleted.').getByRole('button', { name: 'Undo' }).focus();
    expect(await focusOf(ui.page)).toMatchObject({ isVisible: true });
    await press('Enter');
    await memoryRow(ui.page, 'errand 4').waitFor();
  });

  it('finds text in the list with /', async () => {
    await focusList();
    await press('/');
    await expectFocus('searchbox Find in this list');
    await ui.page.keyboard.type('errand 1');
    await eventually(() => memoryList(ui.page).getByRole('row').count()).toBe(2);
    await press('Tab');
    await expectFocus('button Clear');
    await press('Enter');
    await memoryRow(ui.page, 'errand 4').waitFor();
  });

  it('chooses another user with u, and closes the choice with Escape', async () => {
    await focusList();
    await press('u');
    await expectFocus('combobox Search users');
    await press('Escape');
    await expectFocus(/^button User: priya/);
    await press('u');
    await ui.page.keyboard.type('tomas');
    await ui.page.getByRole('option', { name: /tomas/ }).waitFor();
    await ui.page.getByRole('option', { name: /priya/ }).waitFor({ state: 'detached' });
    await press('Enter');
    await ui.page.getByRole('button', { name: 'User: tomas' }).waitFor();
    await visit(ui.page, { user: 'priya' });
    await memoryRow(ui.page, 'errand 4').waitFor();
  });

  it('shows its keys with ?, and gives the focus back', async () => {
    await focusList();
    await press('?');
    await dialog(ui.page, 'Keyboard shortcuts').waitFor();
    await press('3');
    await press('Escape');
    await dialog(ui.page, 'Keyboard shortcuts').waitFor({ state: 'detached' });
    await expectFocus(LIST);
    await isChosen('Working');
  });

  it('does everything from the palette, and gives the focus back', async () => {
    await focusList();
    await press('Control+k');
    await expectFocus(/^combobox/);
    await press('Escape');
    await palette(ui.page).waitFor({ state: 'detached' });
    await expectFocus(LIST);
    await press('Control+k');
    await ui.page.keyboard.type('lock_timeout');
    await palette(ui.page).getByText('Memories', { exact: true }).waitFor();
    const best = palette(ui.page).getByRole('option').first();
    await eventually(() => best.getAttribute('aria-selected')).toBe('true');
    await press('ArrowDown');
    await eventually(() => best.getAttribute('aria-selected')).toBe('false');
    await press('ArrowUp', 'Enter');
    await palette(ui.page).waitFor({ state: 'detached' });
    await drawer(ui.page).getByText('lock_timeout').or(drawer(ui.page).getByText('migration')).first().waitFor();
    await expectFocus('button Close');
    await press('Escape');
    await drawer(ui.page).waitFor({ state: 'detached' });
    expect((await focusOf(ui.page)).isBody).toBe(false);
    // Enter before there is an answer takes the first of the answer.
    await press('Control+k');
    await ui.page.keyboard.type('lock_timeout');
    await press('Enter');
    await palette(ui.page).waitFor({ state: 'detached' });
    await drawer(ui.page).getByText('lock_timeout').or(drawer(ui.page).getByText('migration')).first().waitFor();
    await press('Escape');
    await drawer(ui.page).waitFor({ state: 'detached' });
  });

  it('keeps the focus inside a dialog, and gives it back', async () => {
    await visit(ui.page, { user: 'priya' });
    for (const [open, name] of [
      ['Control+i', 'Import'],
      ['Control+e', 'Export'],
    ] as const) {
      await focusList();
      await press(open);
      await dialog(ui.page, name).waitFor();
      const { stops, unseen, hasEnd } = await walk(ui.page);
      expect(unseen).toEqual([]);
      expect(hasEnd).toBe(true);
      expect(stops).not.toContain(LIST);
      await press('Escape');
      await dialog(ui.page, name).waitFor({ state: 'detached' });
      await expectFocus(LIST);
    }
  });

  it('edits a memory', async () => {
    await focusList();
    await press('Home', 'Enter');
    await drawer(ui.page).getByRole('button', { name: 'Edit' }).waitFor();
    await expectFocus('button Close');
    await press('Shift+Tab', 'Shift+Tab');
    await expectFocus('button Edit');
    await press('Enter');
    await expectFocus(/^textarea/);
    await press('End');
    await ui.page.keyboard.type(', by noon');
    await press('Tab');
    await ui.page.keyboard.type('at-noon');
    await press('Control+Enter');
    await toast(ui.page, 'Saved.').waitFor();
    await drawer(ui.page).getByText('errand 4, by noon', { exact: true }).waitFor();
    await drawer(ui.page).getByText('at-noon', { exact: true }).first().waitFor();
    expect((await focusOf(ui.page)).isBody).toBe(false);
    await press('Escape');
    await drawer(ui.page).waitFor({ state: 'detached' });
  });

  it('reads a conversation and finds in it', async () => {
    await press('1');
    await isChosen('Session');
    await sessionList(ui.page).focus();
    await expectFocus('listbox Sessions');
    const heading = conversation(ui.page).getByRole('heading', { level: 2 });
    const first = await heading.textContent();
    await press('ArrowDown');
    await eventually(() => heading.textContent()).not.toBe(first);
    await press('Control+f');
    await expectFocus('searchbox Find in this conversation');
    await ui.page.keyboard.type('the');
    await conversation(ui.page)
      .getByText(/^1 of \d+$/)
      .waitFor();
    await press('Enter');
    await conversation(ui.page)
      .getByText(/^2 of \d+$/)
      .waitFor();
  });

  it('sets the budget of a context with the arrows', async () => {
    await visit(ui.page, { user: 'priya', panel: 'context' });
    const slider = sidePanel(ui.page).getByRole('slider', { name: 'Budget' });
    await slider.focus();
    await press('Home', 'ArrowRight');
    await eventually(() => slider.getAttribute('aria-valuetext')).toBe('2,500 tokens');
    expect(await focusOf(ui.page)).toMatchObject({ isVisible: true });
    await sidePanel(ui.page)
      .getByText(/of 2,500 tokens$/)
      .waitFor();
  });
});
