/** The first hour of a person with Archon: nothing there, the demo, looking, finding, changing, asking, taking out. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf } from '../support/ui-agent.ts';
import { barriers } from '../support/ui-axe.ts';
import { hosts, type OpenUi } from '../support/ui-hosts.ts';
import {
  closeDrawer,
  countOf,
  dialog,
  drawer,
  eventually,
  findInList,
  findInPalette,
  memoryList,
  openDrawerTab,
  openMemory,
  openPanel,
  openTab,
  PATIENCE_MS,
  shownTexts,
  sidePanel,
  toast,
  waitForFirstRun,
  waitForInspector,
} from '../support/ui-page.ts';

const BEFORE = 'No emoji in release notes or commit messages.';
const AFTER = 'No emoji in release notes, commit messages or alerts.';

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(hosts())('$name: from nothing to an exported memory', (host) => {
  let ui: OpenUi;
  const downloads = mkdtempSync(join(tmpdir(), 'archon-downloads-'));

  beforeAll(async () => {
    ui = await host.open();
  });
  afterAll(async () => {
    await ui?.close();
    rmSync(downloads, { recursive: true, force: true });
  });

  it('sets up what there is to set up, step by step', async () => {
    const step = (name: string) => ui.page.getByRole('heading', { name }).waitFor({ timeout: PATIENCE_MS });
    await step('Where does the memory live?');
    await eventually(() => ui.page.getByRole('radio', { name: 'This computer' }).isChecked()).toBe(true);
    await ui.page.getByRole('main').getByText('PostgreSQL', { exact: true }).click();
    await ui.page.getByRole('textbox', { name: 'Host' }).waitFor();
    expect(await barriers(ui.page)).toEqual([]);
    // What was written would be lost without a word, and memory would live here after all.
    const next = ui.page.getByRole('button', { name: 'Continue' });
    await eventually(() => next.getAttribute('aria-disabled')).toBe('true');
    expect(await next.getAttribute('aria-description')).toContain('Connect the server first');
    await ui.page.getByRole('main').getByText('This computer', { exact: true }).click();
    await next.press('Enter');
    await step('Does everything work?');
    await ui.page.getByRole('button', { name: 'Back' }).click();
    await step('Where does the memory live?');
    await ui.page.getByRole('button', { name: 'Continue' }).click();
    await ui.page.getByRole('button', { name: 'Continue' }).click();
    await step('Where to begin?');
    await ui.page.getByRole('button', { name: 'Finish' }).click();
  });

  it('offers three ways to begin', async () => {
    await waitForFirstRun(ui.page);
    expect(await ui.page.getByRole('button', { name: 'Skip the setup' }).count()).toBe(0);
    const choices = ui.page.getByRole('main').getByRole('button');
    await eventually(() => choices.count()).toBe(3);
    for (const name of [/^Load the demo/, /^Import conversations/, /^Connect an agent/]) {
      expect(await choices.filter({ hasText: name }).isEnabled()).toBe(true);
    }
  });

  it('loads the demo and shows it without a reload', async () => {
    await ui.page.getByRole('button', { name: /^Load the demo/ }).click();
    await toast(ui.page, /^Demo loaded: 25 sessions/).waitFor({ timeout: PATIENCE_MS });
    await waitForInspector(ui.page);
    await ui.page.getByRole('button', { name: 'User: priya' }).waitFor();
  });

  it('shows as many memories as there are', async () => {
    const { counts } = await agentOf(ui).stats.user({ user_id: 'priya' });
    for (const [name, count] of [
      ['Session', counts.session],
      ['Working', counts.working],
      ['Long-term', counts.longterm],
    ] as const) {
      await eventually(() => countOf(ui.page, name)).toBe(count);
    }
    await openTab(ui.page, 'Long-term');
    await eventually(() => memoryList(ui.page).getAttribute('aria-rowcount')).toBe(String(counts.longterm + 1));
  });

  it('shows a memory with where it comes from, and the way back to what was said', async () => {
    await openMemory(ui.page, BEFORE);
    await drawer(ui.page).getByRole('button', { name: 'Show it in the conversation' }).click();
    await ui.page.getByRole('log', { name: 'Messages' }).getByText(/emoji/i).first().waitFor();
  });

  it('finds a memory through the palette', async () => {
    await findInPalette(ui.page, 'lock_timeout migrations', /House rule for migrations/);
    await drawer(ui.page).getByText('House rule for migrations').waitFor();
    expect(new URL(ui.page.url()).searchParams.get('tab')).toBe('longterm');
    await closeDrawer(ui.page);
  });

  it('supersedes a fact and keeps what was true before', async () => {
    await openTab(ui.page, 'Long-term');
    await findInList(ui.page, 'emoji');
    await eventually(() => shownTexts(ui.page)).toEqual([BEFORE]);
    await openMemory(ui.page, BEFORE);
    await drawer(ui.page).getByRole('button', { name: 'Edit' }).click();
    await drawer(ui.page).getByLabel('Text', { exact: true }).fill(AFTER);
    await drawer(ui.page).getByRole('button', { name: 'Save' }).click();
    await toast(ui.page, 'What it said before stays in its history').waitFor();
    await drawer(ui.page).getByText(AFTER).waitFor();
    await eventually(() => shownTexts(ui.page)).toEqual([AFTER]);
  });

  it('shows what changed, and opens the chain at any time', async () => {
    await openDrawerTab(ui.page, 'History');
    const chain = drawer(ui.page).getByRole('group', { name: 'What changed in the text' });
    await chain.locator('ins').first().waitFor();
    expect(await chain.first().locator('ins').allTextContents()).toEqual([',', ' or alerts']);
    await drawer(ui.page).getByRole('button', { name: 'open' }).click();
    await drawer(ui.page).getByText('superseded', { exact: true }).waitFor();
    await drawer(ui.page).getByText(BEFORE).waitFor();
    expect(
      await drawer(ui.page)
        .getByRole('button', { name: /^A superseded memory is not edited/ })
        .isDisabled(),
    ).toBe(true);
    await closeDrawer(ui.page);
  });

  it('assembles the context for a question within its budget', async () => {
    await openPanel(ui.page, 'Context');
    const panel = sidePanel(ui.page);
    await panel.getByLabel('What is the agent asked?').fill('When are production deploys allowed?');
    await panel.getByText('Production deploys are allowed').first().waitFor();
    await panel.getByRole('slider', { name: 'Budget' }).focus();
    await ui.page.keyboard.press('Home');
    const used = panel.getByText(/^[\d,]+ ?of 2,000 tokens$/);
    await used.waitFor();
    const tokens = Number(/^([\d,]+)/.exec((await used.textContent()) ?? '')?.[1]?.replace(',', ''));
    expect(tokens).toBeGreaterThan(0);
    expect(tokens).toBeLessThanOrEqual(2000);
    await panel.getByText(/^\d+ left out$/).click();
    await panel.getByText('no room').first().waitFor();
  });

  it('leaves a layer out when it is switched off', async () => {
    const panel = sidePanel(ui.page);
    await panel.getByRole('checkbox', { name: 'Working' }).click();
    await panel.getByText('Working off').waitFor();
    await panel.getByRole('checkbox', { name: 'Working' }).click();
    await panel.getByText(/^Working \d+ of [\d,]+/).waitFor();
  });

  it('exports the user into an archive', async () => {
    await ui.page.getByRole('button', { name: 'Export', exact: true }).click();
    const window = dialog(ui.page, 'Export');
    expect(await window.getByRole('radio', { name: 'Only priya' }).isChecked()).toBe(true);
    await window.getByRole('button', { name: 'Export', exact: true }).click();
    await window.getByText('Export finished').waitFor();
    const file = join(downloads, 'priya.archon.gz');
    if (host.kind === 'server') {
      const started = ui.page.waitForEvent('download');
      await window.getByRole('link', { name: 'Download' }).click();
      await (await started).saveAs(file);
    } else {
      ui.desktop?.answerDialog({ canceled: false, filePath: file });
      await window.getByRole('button', { name: 'Save as …' }).click();
      await toast(ui.page, file).waitFor();
    }
    const [header, ...records] = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
    expect(JSON.parse(header ?? '')).toMatchObject({
      format: 'archon-archive',
      scope: { kind: 'user', user_id: 'priya' },
    });
    const texts = records.map((record) => JSON.parse(record).row?.content?.text);
    expect([AFTER, BEFORE].filter((text) => !texts.includes(text))).toEqual([]);
  });
});
