/** Nothing keeps anybody out: axe on every place, in the dark and in the light theme. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf, writeDemo } from '../support/ui-agent.ts';
import { barriers } from '../support/ui-axe.ts';
import { Calls } from '../support/ui-calls.ts';
import { eventDrawer, eventGrid, visitFeed, visitSubscribers } from '../support/ui-events-page.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import {
  conversation,
  dialog,
  drawer,
  memoryList,
  openDrawerTab,
  openPalette,
  palette,
  sidePanel,
  toast,
  visit,
  waitForFirstRun,
  waitForInspector,
} from '../support/ui-page.ts';
import {
  act,
  closeWorker,
  healthSentence,
  openWorkers,
  runRows,
  showAilingWorkers,
  visitWorkers,
  workerCard,
  workerDrawer,
} from '../support/ui-workers-page.ts';

const conversationLine = (question: string): string =>
  `${JSON.stringify({
    messages: [
      { role: 'user', content: question },
      { role: 'assistant', content: 'Yes.' },
    ],
  })}\n`;
/** Takes longer to import than to look at. */
const LONG_IMPORT = Array.from({ length: 8000 }, (_, index) => conversationLine(`Is it ${index}?`)).join('');

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: without barriers', (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  /** A long-term memory with a chain and links, and one that is open to be edited. */
  let changed = '';
  let firstRun: string[];
  beforeAll(async () => {
    ui = await host.open();
    agent = agentOf(ui);
    await waitForFirstRun(ui.page);
    firstRun = await barriers(ui.page);
    await writeDemo(agent);
    await waitForInspector(ui.page);
    const { items } = await agent.longterm.list({ user_id: 'priya', limit: 500, include_superseded: true });
    changed = items.find(({ superseded_by }) => superseded_by !== null)?.superseded_by ?? '';
  });
  afterAll(() => ui?.close());

  const expectNone = async () => expect(await barriers(ui.page)).toEqual([]);
  const leave = async (name: string) => {
    await ui.page.keyboard.press('Escape');
    await dialog(ui.page, name).waitFor({ state: 'detached' });
  };

  it('first run', () => {
    expect(firstRun).toEqual([]);
  });

  it.each(['session', 'working', 'longterm'])('an empty %s tab', async (tab) => {
    await visit(ui.page, { user: 'nobody', tab });
    await ui.page.getByText(/^No (sessions now|working memories yet|long-term memories yet)$/).waitFor();
    await expectNone();
  });

  it('a list that filters leave empty', async () => {
    await visit(ui.page, { user: 'priya', tab: 'working', q: 'no such words' });
    await ui.page.getByText('Nothing matches these filters').waitFor();
    await expectNone();
  });

  it('the conversation, with something found in it', async () => {
    await visit(ui.page, { user: 'priya', tab: 'session' });
    await conversation(ui.page).getByRole('article').first().waitFor();
    await conversation(ui.page).getByRole('searchbox').fill('the');
    await conversation(ui.page)
      .getByText(/^1 of \d+$/)
      .waitFor();
    await expectNone();
  });

  it.each(['working', 'longterm'])('the %s list, with filters and a selection', async (tab) => {
    await visit(ui.page, { user: 'priya', tab, q: 'e' });
    await memoryList(ui.page).getByRole('row').nth(3).waitFor();
    await memoryList(ui.page).getByRole('row').nth(2).getByRole('checkbox').click();
    await ui.page.getByRole('region', { name: 'Selected memories' }).waitFor();
    await expectNone();
  });

  it.each(['Filters', 'Sort: newest first', 'Columns', 'Filter by type', /^User: priya/])(
    'the menu %s',
    async (name) => {
      await visit(ui.page, { user: 'priya', tab: 'longterm' });
      await ui.page.getByRole('button', { name }).first().click();
      await ui.page.locator('[data-radix-popper-content-wrapper]').first().waitFor();
      await expectNone();
      await ui.page.keyboard.press('Escape');
    },
  );

  it.each(['stats', 'context', 'controls'])('the panel %s', async (panel) => {
    await visit(ui.page, { user: 'priya', tab: 'longterm', panel });
    const shown = sidePanel(ui.page).getByText(/^(Most used|Copy as sent|Changes take effect at once.*)$/);
    await shown.waitFor();
    await expectNone();
  });

  it('the panels of somebody without memories', async () => {
    for (const panel of ['stats', 'context', 'controls']) {
      await visit(ui.page, { user: 'nobody', tab: 'longterm', panel });
      await sidePanel(ui.page)
        .getByText(/^(Most used|The context is empty.*|Changes take effect at once.*)$/)
        .waitFor();
      await expectNone();
    }
  });

  it('the drawer: content, history, links, edit', async () => {
    await visit(ui.page, { user: 'priya', tab: 'longterm', memory: changed });
    await drawer(ui.page).getByText('Where it comes from').waitFor();
    await expectNone();
    await openDrawerTab(ui.page, 'History');
    await drawer(ui.page).getByText('What was true when').waitFor();
    await expectNone();
    await openDrawerTab(ui.page, 'Links');
    await drawer(ui.page).getByText('Add a link').waitFor();
    await expectNone();
    await drawer(ui.page).getByRole('button', { name: 'Edit', exact: true }).click();
    await drawer(ui.page).getByLabel('Text', { exact: true }).fill('');
    await drawer(ui.page).getByRole('button', { name: 'Save' }).click();
    await drawer(ui.page).getByText('A memory needs a text.').waitFor();
    await expectNone();
  });

  it('the palette, with hits and without', async () => {
    await visit(ui.page, { user: 'priya', tab: 'longterm' });
    await openPalette(ui.page);
    await palette(ui.page).getByRole('combobox').fill('deploy');
    await palette(ui.page).getByText('Memories').waitFor();
    await expectNone();
    await palette(ui.page).getByRole('combobox').fill('xqzv');
    await palette(ui.page).getByText('Nothing is called like this.').waitFor();
    await expectNone();
    await leave('Search and commands');
  });

  it('the shortcut sheet', async () => {
    await memoryList(ui.page).focus();
    await ui.page.keyboard.press('?');
    await dialog(ui.page, 'Keyboard shortcuts').waitFor();
    await expectNone();
    await leave('Keyboard shortcuts');
  });

  const startImport = async (text: string) => {
    await ui.page.keyboard.press('Control+i');
    await ui.page.getByLabel('File to import').setInputFiles({
      name: 'chat.jsonl',
      mimeType: 'application/jsonl',
      buffer: Buffer.from(text),
    });
    await dialog(ui.page, 'Import').getByText('How the file begins').waitFor();
  };

  it('import: choose, options, done', async () => {
    await ui.page.keyboard.press('Control+i');
    await dialog(ui.page, 'Import').waitFor();
    await expectNone();
    await leave('Import');
    await startImport(conversationLine('Are you there?'));
    await expectNone();
    await dialog(ui.page, 'Import').getByRole('button', { name: 'Import', exact: true }).click();
    await dialog(ui.page, 'Import').getByText('Import finished').waitFor();
    await expectNone();
    await leave('Import');
  });

  it('import: in the middle, and cancelled', async () => {
    await startImport(LONG_IMPORT);
    await dialog(ui.page, 'Import').getByRole('button', { name: 'Import', exact: true }).click();
    await dialog(ui.page, 'Importing').getByRole('progressbar').waitFor();
    await expectNone();
    await dialog(ui.page, 'Importing').getByRole('button', { name: 'Cancel the import' }).click();
    await dialog(ui.page, 'Import').getByText('Import cancelled.').waitFor();
    await expectNone();
    await leave('Import');
  });

  it('transfers: none, one that runs, and one with errors unfolded', async () => {
    const open = async () => {
      await ui.page.getByRole('button', { name: /^(Transfers|Importing)/ }).click();
      await dialog(ui.page, 'Transfers').waitFor();
    };
    for (const { job_id } of (await agent.transfer.jobs({})).items) await agent.transfer.forget({ job_id });
    await open();
    await dialog(ui.page, 'Transfers').getByText('Nothing was imported or exported yet').waitFor();
    await expectNone();
    await leave('Transfers');
    await startImport(`${LONG_IMPORT}${'not json\n'.repeat(30)}`);
    await dialog(ui.page, 'Import').getByRole('button', { name: 'Import', exact: true }).click();
    await dialog(ui.page, 'Importing').getByRole('button', { name: 'Go on in the background' }).click();
    await open();
    await dialog(ui.page, 'Transfers').getByRole('progressbar').waitFor();
    await expectNone();
    await dialog(ui.page, 'Transfers').getByRole('button', { name: 'Cancel the import' }).click();
    await dialog(ui.page, 'Transfers').getByText('Import cancelled').waitFor();
    await leave('Transfers');
    await startImport(`${conversationLine('Are you sure?')}${'not json\n'.repeat(30)}`);
    await dialog(ui.page, 'Import').getByRole('button', { name: 'Import', exact: true }).click();
    await dialog(ui.page, 'Import').getByText('30 records could not be imported').waitFor();
    await leave('Import');
    await open();
    await dialog(ui.page, 'Transfers').getByRole('button', { name: '30 errors' }).click();
    await dialog(ui.page, 'Transfers').getByText('line 2', { exact: true }).waitFor();
    await expectNone();
    await leave('Transfers');
  });

  it('export: options and done', async () => {
    await ui.page.keyboard.press('Control+e');
    await dialog(ui.page, 'Export').waitFor();
    await expectNone();
    await dialog(ui.page, 'Export').getByRole('button', { name: 'Export', exact: true }).click();
    await dialog(ui.page, 'Export').getByText('Export finished').waitFor();
    await expectNone();
    await leave('Export');
  });

  it('connect an agent, with a new token and before one is revoked', async () => {
    await ui.page.getByRole('button', { name: 'Connect an agent' }).click();
    const connect = dialog(ui.page, 'Connect an agent');
    await connect.getByRole('button', { name: 'Make it' }).click();
    await connect.getByText('Name the agent').waitFor();
    await expectNone();
    await connect.getByLabel('Make a token for').fill('my agent');
    await connect.getByRole('button', { name: 'Make it' }).click();
    await connect.getByText('The token', { exact: true }).waitFor();
    await expectNone();
    await connect.getByRole('button', { name: 'Revoke' }).first().click();
    await ui.page.getByRole('alertdialog').waitFor();
    await expectNone();
    await ui.page.keyboard.press('Escape');
    await leave('Connect an agent');
  });

  it('the live feed: rows, paused, an event, filters that leave nothing', async () => {
    await visitFeed(ui.page);
    await eventGrid(ui.page).getByRole('row').nth(3).waitFor();
    await expectNone();
    await ui.page.getByRole('button', { name: /^Pause/ }).click();
    await eventGrid(ui.page).getByRole('row').nth(3).click();
    await eventDrawer(ui.page).getByRole('group', { name: 'Payload' }).waitFor();
    await expectNone();
    await ui.page.keyboard.press('Escape');
    await ui.page.getByRole('button', { name: /^Resume/ }).click();
    await visitFeed(ui.page, { q: 'no such words', type: ['memory.working.created'] });
    await ui.page.getByText('No event matches these filters').waitFor();
    await expectNone();
  });

  it.each(['by type', 'by user', 'by time'])('the filter %s of the live feed', async (name) => {
    await visitFeed(ui.page);
    await ui.page.getByRole('button', { name: new RegExp(`filter ${name}`) }).click();
    await ui.page.locator('[data-radix-popper-content-wrapper]').first().waitFor();
    await expectNone();
    await ui.page.keyboard.press('Escape');
  });

  it('subscribers, while there are none', async () => {
    await visitSubscribers(ui.page);
    await ui.page.getByText('Nobody subscribes to events').waitFor();
    await expectNone();
  });

  it('workers: as they are, one of them, its runs, its schedule, and what cancelling asks', async () => {
    const calls = await Calls.of(ui);
    await openWorkers(ui.page);
    await healthSentence(ui.page).waitFor();
    await expectNone();
    await agent.workers.runNow({ worker: 'cleanup' });
    await visitWorkers(ui.page, '?worker=cleanup&view=runs');
    await runRows(ui.page).first().click();
    await workerDrawer(ui.page).getByRole('region', { name: 'Details of the run' }).waitFor();
    await expectNone();
    await closeWorker(ui.page);
    await act(ui.page, 'Cleanup', 'Change schedule');
    await dialog(ui.page, 'Schedule of Cleanup').getByText('At certain times').click();
    await dialog(ui.page, 'Schedule of Cleanup').getByLabel('Cron expression').fill('');
    await dialog(ui.page, 'Schedule of Cleanup').getByRole('button', { name: 'Save' }).click();
    await expectNone();
    await ui.page.keyboard.press('Escape');
    await ui.page.getByRole('button', { name: 'Discard changes' }).click();
    await dialog(ui.page, 'Schedule of Cleanup').waitFor({ state: 'detached' });
    await showAilingWorkers(calls);
    await workerCard(ui.page, 'Retention').getByText('Crashed').waitFor();
    await expectNone();
    await visitWorkers(ui.page, '?worker=retention');
    await workerDrawer(ui.page).getByRole('region', { name: 'Last error' }).waitFor();
    await expectNone();
    await closeWorker(ui.page);
    await ui.page.getByRole('button', { name: 'More for Event retry' }).click();
    await ui.page.getByRole('menuitem', { name: /^Restart/ }).waitFor();
    await expectNone();
    await ui.page.keyboard.press('Escape');
    await act(ui.page, 'Consolidation', 'Cancel the run');
    await ui.page.getByRole('alertdialog').waitFor();
    await expectNone();
    await ui.page.keyboard.press('Escape');
    await calls.mend();
  });

  it('messages about what was done', async () => {
    await visit(ui.page, { user: 'priya', tab: 'working' });
    await memoryList(ui.page).focus();
    await ui.page.keyboard.press('Delete');
    await toast(ui.page, '1 memory deleted.').waitFor();
    await expectNone();
  });

  it.runIf(host.kind === 'server')('login', async () => {
    await ui.page.getByRole('button', { name: 'Appearance and account' }).click();
    await expectNone();
    await ui.page.getByRole('menuitem', { name: 'Log out' }).click();
    await ui.page.getByRole('button', { name: 'Log in' }).click();
    await ui.page.getByRole('alert').filter({ hasText: 'Paste the token' }).waitFor();
    await expectNone();
  });
});
