/** What agents write appears by itself, without a reload and without pulling the page from under its reader. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf, numbered, writeLongTerm, writeWorking } from '../support/ui-agent.ts';
import { hosts, type OpenUi } from '../support/ui-hosts.ts';
import {
  conversation,
  countOf,
  drawer,
  eventually,
  isMarked,
  mark,
  memoryList,
  memoryRow,
  openDrawerTab,
  openMemory,
  openTab,
  sessionList,
  shownTexts,
  visit,
  waitForFirstRun,
  waitForInspector,
} from '../support/ui-page.ts';

const ADA = 'ada';

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(hosts())('$name: live', (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  beforeAll(async () => {
    ui = await host.open();
    agent = agentOf(ui);
  });
  afterAll(() => ui?.close());

  it('leaves the first-run page when the first memory of all is written', async () => {
    await waitForFirstRun(ui.page);
    await mark(ui.page);
    await writeWorking(agent, ADA, numbered('note', 300));
    await waitForInspector(ui.page);
    await memoryRow(ui.page, 'note 300').waitFor();
  });

  it('shows a new memory on top of the list, and counts it', async () => {
    await writeWorking(agent, ADA, ['written just now']);
    await memoryRow(ui.page, 'written just now').waitFor();
    expect((await shownTexts(ui.page))[0]).toBe('written just now');
    await eventually(() => countOf(ui.page, 'Working')).toBe(301);
  });

  it('tells of new memories when the list is scrolled, and moves nothing until asked', async () => {
    await memoryList(ui.page).evaluate((list) => list.scrollTo({ top: 2000 }));
    await eventually(async () => (await shownTexts(ui.page)).includes('written just now')).toBe(false);
    const before = await shownTexts(ui.page);
    await writeWorking(agent, ADA, ['first of two', 'second of two']);
    const pill = ui.page.getByRole('button', { name: '2 new' });
    await pill.waitFor();
    expect(await shownTexts(ui.page)).toEqual(before);
    await pill.click();
    await memoryRow(ui.page, 'second of two').waitFor();
    expect((await shownTexts(ui.page)).slice(0, 2)).toEqual(['second of two', 'first of two']);
    await eventually(() => pill.count()).toBe(0);
  });

  it('shows only what the filters let through', async () => {
    await visit(ui.page, { user: ADA, tab: 'working', q: 'budget' });
    await ui.page.getByText('Nothing matches these filters').waitFor();
    await writeWorking(agent, ADA, ['lunch was good', 'the budget is 40,000']);
    await memoryRow(ui.page, 'the budget is 40,000').waitFor();
    expect(await shownTexts(ui.page)).toEqual(['the budget is 40,000']);
    await visit(ui.page, { user: ADA, tab: 'working' });
    await memoryRow(ui.page, 'lunch was good').waitFor();
  });

  it('shows many memories that are written at once, each of them once', async () => {
    await writeWorking(agent, ADA, numbered('burst', 60));
    await memoryRow(ui.page, 'burst 60').waitFor();
    const seen = await shownTexts(ui.page);
    expect(seen.slice(0, 10)).toEqual(numbered('burst', 60).reverse().slice(0, 10));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('takes away what an agent deletes, and follows a change in the open drawer', async () => {
    await openTab(ui.page, 'Long-term');
    const [kept = '', gone = ''] = await writeLongTerm(agent, ADA, ['Ada lives in Turin', 'Ada has a bike']);
    await memoryRow(ui.page, 'Ada has a bike').waitFor();
    await openMemory(ui.page, 'Ada lives in Turin');
    await openDrawerTab(ui.page, 'History');
    await drawer(ui.page).getByText('It is as it was written').waitFor();
    await agent.longterm.supersede({ id: kept, content: { text: 'Ada lives in Genoa' } });
    await drawer(ui.page).getByText('What was true when').waitFor();
    await agent.longterm.delete({ id: gone });
    await memoryRow(ui.page, 'Ada has a bike').waitFor({ state: 'detached' });
    await memoryRow(ui.page, 'Ada lives in Genoa').waitFor();
    await memoryRow(ui.page, 'Ada lives in Turin').waitFor({ state: 'detached' });
  });

  it('adds what is said to the open conversation', async () => {
    await visit(ui.page, { user: ADA, tab: 'session' });
    await ui.page.getByText('No sessions now').waitFor();
    const { session_id } = await agent.sessions.create({
      user_id: ADA,
      title: 'Planning the trip',
      messages: [{ role: 'user', content: 'Where should we go?' }],
    });
    await sessionList(ui.page)
      .getByRole('option', { name: /Planning the trip/ })
      .waitFor();
    await conversation(ui.page).getByText('Where should we go?').waitFor();
    await agent.sessions.append({ session_id, messages: [{ role: 'assistant', content: 'To Lisbon, by train.' }] });
    await conversation(ui.page).getByText('To Lisbon, by train.').waitFor();
    await conversation(ui.page)
      .getByText(/^2 messages · \d+ tokens$/)
      .waitFor();
  });

  it('has never loaded the page anew', async () => {
    expect(await isMarked(ui.page)).toBe(true);
  });
});
