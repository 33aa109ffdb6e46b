/** What agents write appears by itself, without a reload and without pulling the page from under its reader. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ArchonClient, requireDone } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf, numbered, writeLongTerm, writeWorking } from '../support/ui-agent.ts';
import { hosts, type OpenUi } from '../support/ui-hosts.ts';
import { LayoutShifts } from '../support/ui-layout.ts';
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
  sessionList,
  shownTexts,
  visit,
  waitForFirstRun,
  waitForInspector,
} from '../support/ui-page.ts';

const [ADA, BEA, CARL, DORA] = ['ada', 'bea', 'carl', 'dora'];

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
    // The rows of there are drawn, not only those of the beginning out of sight.
    await eventually(async () => (await shownTexts(ui.page)).includes(`note ${301 - 55}`)).toBe(true);
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

  it('puts a new memory at its place in another order', async () => {
    const levels = [0.9, 0.5, 0.1];
    for (const importance_score of levels) {
      await writeLongTerm(agent, BEA, [`importance ${importance_score}`], { importance_score });
    }
    await visit(ui.page, { user: BEA, tab: 'longterm', sort: 'score' });
    await memoryRow(ui.page, 'importance 0.1').waitFor();
    await writeLongTerm(agent, BEA, ['importance 0.7'], { importance_score: 0.7 });
    await memoryRow(ui.page, 'importance 0.7').waitFor();
    expect(await shownTexts(ui.page)).toEqual([0.9, 0.7, 0.5, 0.1].map((level) => `importance ${level}`));
    const [last] = (await agent.longterm.list({ user_id: BEA, sort: 'oldest' })).items;
    await agent.longterm.update({ id: last?.id ?? '', importance_score: 0.3 });
    await eventually(() => shownTexts(ui.page)).toEqual(
      ['0.7', '0.5', '0.9', '0.1'].map((level) => `importance ${level}`),
    );
  });

  it('takes away what stops to match a filter, and brings what begins to', async () => {
    const [kept = '', leaving = '', coming = ''] = await writeWorking(agent, BEA, ['kept', 'leaving', 'coming']);
    await agent.memories.bulk({ ids: [kept, leaving], action: { kind: 'tag', tags: ['trip'] } });
    await visit(ui.page, { user: BEA, tab: 'working', tag: ['trip'] });
    await memoryRow(ui.page, 'leaving').waitFor();
    await agent.working.update({ id: leaving, tags: [] });
    await memoryRow(ui.page, 'leaving').waitFor({ state: 'detached' });
    await agent.working.update({ id: coming, tags: ['trip', 'later'] });
    await memoryRow(ui.page, 'coming').waitFor();
    expect(await shownTexts(ui.page)).toEqual(['coming', 'kept']);
    await agent.working.delete({ id: kept });
    await memoryRow(ui.page, 'kept').waitFor({ state: 'detached' });
    await agent.memories.bulk({ ids: [kept], action: { kind: 'restore' } });
    await memoryRow(ui.page, 'kept').waitFor();
    expect(await shownTexts(ui.page)).toEqual(['coming', 'kept']);
  });

  it('moves nothing under a reader, whatever comes and goes above', async () => {
    const ids = await writeWorking(agent, CARL, numbered('entry', 400));
    await visit(ui.page, { user: CARL, tab: 'working' });
    await memoryRow(ui.page, 'entry 400').waitFor();
    await memoryList(ui.page).evaluate((list) => list.scrollTo({ top: 3000 }));
    // The rows of there are drawn, not only those of the beginning out of sight.
    await eventually(async () => (await shownTexts(ui.page)).includes(`entry ${400 - 80}`)).toBe(true);
    const before = await shownTexts(ui.page);
    await agent.memories.bulk({ ids: ids.slice(390), action: { kind: 'delete' } });
    await eventually(() => memoryList(ui.page).evaluate((list) => list.scrollTop)).toBe(3000 - 10 * 38);
    expect(await shownTexts(ui.page)).toEqual(before);
    // So many that the list is read again as a whole.
    await writeWorking(agent, CARL, numbered('flood', 1500));
    const pill = ui.page.getByRole('button', { name: '1,500 new' });
    await pill.waitFor();
    expect(await shownTexts(ui.page)).toEqual(before);
    await agent.memories.bulk({ ids: ids.slice(0, 5), action: { kind: 'delete' } });
    await pill.click();
    await memoryRow(ui.page, 'flood 1500').waitFor();
    await pill.waitFor({ state: 'detached' });
  });

  it('goes along with what is edited here', async () => {
    await writeLongTerm(agent, CARL, numbered('belief', 150));
    await visit(ui.page, { user: CARL, tab: 'longterm' });
    await memoryRow(ui.page, 'belief 150').waitFor();
    await memoryList(ui.page).evaluate((list) => list.scrollTo({ top: 2000 }));
    await openMemory(ui.page, 'belief 90');
    await drawer(ui.page).getByRole('button', { name: 'Edit' }).click();
    await drawer(ui.page).getByLabel('Text', { exact: true }).fill('belief 90, corrected');
    await drawer(ui.page).getByRole('button', { name: 'Save' }).click();
    await eventually(async () => (await shownTexts(ui.page))[0]).toBe('belief 90, corrected');
    expect(await ui.page.getByRole('button', { name: /\d new$/ }).count()).toBe(0);
  });

  it('shifts nothing in the page while agents write', async () => {
    await writeWorking(agent, DORA, numbered('before', 30));
    await agent.sessions.create({ user_id: DORA, title: 'Before', messages: [{ role: 'user', content: 'Hello' }] });
    await visit(ui.page, { user: DORA, tab: 'working', panel: 'stats' });
    await memoryRow(ui.page, 'before 30').waitFor();
    await eventually(() => countOf(ui.page, 'Working')).toBe(30);
    const shifts = await LayoutShifts.watch(ui.page);
    // Lost if something else, such as a skeleton, took the place of the list for a moment.
    await memoryList(ui.page).evaluate((list) => list.setAttribute('data-same', ''));
    const ids = await writeWorking(agent, DORA, numbered('new', 60));
    await memoryRow(ui.page, 'new 60').waitFor();
    await agent.memories.bulk({ ids: ids.slice(0, 59), action: { kind: 'tag', tags: ['tagged', 'twice'] } });
    await memoryRow(ui.page, 'new 59').getByText('tagged').waitFor();
    await agent.memories.bulk({ ids: ids.slice(50), action: { kind: 'delete' } });
    await memoryRow(ui.page, 'new 60').waitFor({ state: 'detached' });
    await writeWorking(agent, DORA, numbered('flood', 1500));
    await memoryRow(ui.page, 'flood 1500').waitFor();
    await eventually(() => countOf(ui.page, 'Working')).toBe(1580);
    expect(await memoryList(ui.page).getAttribute('data-same')).toBe('');
    expect(await shifts.seen()).toBeLessThan(0.01);
    await visit(ui.page, { user: DORA, tab: 'session', panel: 'stats' });
    await conversation(ui.page).getByText('Hello').waitFor();
    await eventually(() => countOf(ui.page, 'Session')).toBe(1);
    await shifts.forget();
    for (const title of ['Second', 'Third']) {
      await agent.sessions.create({ user_id: DORA, title, messages: [{ role: 'user', content: 'Hello again' }] });
      await sessionList(ui.page)
        .getByRole('option', { name: new RegExp(title) })
        .waitFor();
    }
    await eventually(() => countOf(ui.page, 'Session')).toBe(3);
    expect(await shifts.seen()).toBeLessThan(0.01);
    // It would have been seen.
    await sessionList(ui.page).evaluate((list) =>
      list.before(Object.assign(document.createElement('hr'), { style: 'height: 300px' })),
    );
    await eventually(() => shifts.seen()).toBeGreaterThan(0.01);
    await sessionList(ui.page).evaluate((list) => list.previousElementSibling?.remove());
  });

  it('takes away what an agent deletes, and follows a change in the open drawer', async () => {
    await visit(ui.page, { user: ADA, tab: 'longterm' });
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
    const { session_id } = requireDone(
      await agent.sessions.create({
        user_id: ADA,
        title: 'Planning the trip',
        messages: [{ role: 'user', content: 'Where should we go?' }],
      }),
    );
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
