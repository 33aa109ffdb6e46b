/** Whatever a memory says, it is shown as text: nothing of it runs, asks, navigates, or breaks the page. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ArchonClient, requireDone } from '../../src-contract/index.ts';
import { visibleText } from '../../src-renderer/ui/content/visible-text.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf, writeLongTerm, writeWorking } from '../support/ui-agent.ts';
import { eventDrawer, eventGrid, visitFeed } from '../support/ui-events-page.ts';
import { focusOf } from '../support/ui-focus.ts';
import { asId, HOSTILE_TEXTS, LONG_WORD, MEGABYTE, TEN_THOUSAND_TAGS } from '../support/ui-hostile-texts.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import {
  conversation,
  dialog,
  drawer,
  eventually,
  memoryList,
  openDrawerTab,
  openPalette,
  PATIENCE_MS,
  palette,
  sessionList,
  shownTexts,
  sidePanel,
  toast,
  userPicker,
  visit,
  waitForFirstRun,
} from '../support/ui-page.ts';
import { PageWatch } from '../support/ui-watch.ts';

const MAL = 'mal';
/** Found by the palette and put into every context. */
const WORD = 'probe';

/** Texts as a person can compare them: however lines are broken. */
const plain = (text: string): string => visibleText(text).replaceAll(/\s+/gu, ' ').trim();
/** What of a text is prose: fences of code are shown as blocks of their own. */
const isFence = (text: string): boolean => text.startsWith('```');

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: hostile content', (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  let watch: PageWatch;
  let working: string[];
  let longterm: string[];
  let session_id: string;
  let drawerWidth: number | undefined;
  let listWidth: number | undefined;

  beforeAll(async () => {
    ui = await host.open();
    agent = agentOf(ui);
    await waitForFirstRun(ui.page);
    watch = new PageWatch(ui.page);
    await watch.setTrap();
    await writeWorking(agent, MAL, ['nothing special']);
    working = [];
    for (const text of HOSTILE_TEXTS) {
      working.push(
        ...(await writeWorking(agent, MAL, [text], {
          tags: [asId(text, 100) || 'tag'],
          metadata: { [text.slice(0, 200)]: text, list: [text, { deep: text }] },
        })),
      );
    }
    longterm = await writeLongTerm(
      agent,
      MAL,
      HOSTILE_TEXTS.map((text) => `${WORD} ${text}`),
      { importance_score: 0.9 },
    );
    ({ session_id } = requireDone(await agent.sessions.create({ user_id: MAL, title: 'All of them' })));
    await agent.sessions.append({
      session_id,
      messages: HOSTILE_TEXTS.map((content) => ({
        role: 'assistant',
        content,
        metadata: { [content.slice(0, 200)]: content },
      })),
    });
    await visit(ui.page, { user: MAL, tab: 'working', panel: 'stats' });
    await ui.page.getByText(`${HOSTILE_TEXTS.length + 1} memories`, { exact: true }).waitFor();
  });
  afterAll(() => ui?.close());

  /** Nothing ran, and everything stands where it stood. */
  const expectHarmless = async (where: string) => {
    expect(await watch.faults(), where).toEqual([]);
    expect(await overflows(ui.page), where).toEqual([]);
  };
  const sizes = async () => {
    listWidth ??= (await memoryList(ui.page).boundingBox())?.width;
    expect((await memoryList(ui.page).boundingBox())?.width).toBe(listWidth);
    if ((await drawer(ui.page).count()) === 0) return;
    drawerWidth ??= (await drawer(ui.page).boundingBox())?.width;
    expect((await drawer(ui.page).boundingBox())?.width).toBe(drawerWidth);
  };

  /** What was scrolled has been drawn. */
  const nextFrames = () =>
    ui.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

  it('is literal in the list', async () => {
    await memoryList(ui.page).focus();
    const wanted = new Set(HOSTILE_TEXTS.map((text) => plain(text.slice(0, 300))));
    await ui.page.keyboard.press('Home');
    for (let page = 0; page < 20 && wanted.size > 0; page += 1) {
      for (const text of await shownTexts(ui.page)) wanted.delete(plain(text));
      await ui.page.keyboard.press('PageDown');
      await eventually(async () => (await focusOf(ui.page)).isVisible).toBe(true);
    }
    expect([...wanted]).toEqual([]);
    await sizes();
    await expectHarmless('list');
  });

  it('is literal in the drawer: text, tags, keys and values of metadata', async () => {
    for (const [index, text] of HOSTILE_TEXTS.entries()) {
      await visit(ui.page, { user: MAL, tab: 'working', memory: working[index] ?? '' });
      const metadata = drawer(ui.page).getByRole('group', { name: 'Metadata' });
      await eventually(async () => plain((await metadata.textContent()) ?? '')).toContain(plain(text.slice(0, 200)));
      const shown = plain((await drawer(ui.page).getByRole('tabpanel').textContent()) ?? '');
      if (!isFence(text)) expect(shown.startsWith(plain(text)), text).toBe(true);
      await drawer(ui.page).getByRole('list', { name: 'Tags' }).waitFor();
      await sizes();
      expect(await watch.faults(), text).toEqual([]);
    }
    await expectHarmless('drawer');
  });

  it('is literal in the comparison of two texts, and in links', async () => {
    const from = HOSTILE_TEXTS.join('\n');
    const [id = ''] = await writeLongTerm(agent, MAL, [from]);
    const after = await agent.longterm.supersede({ id, content: { text: HOSTILE_TEXTS.toReversed().join('\n') } });
    await agent.longterm.update({ id: after.id, tags: HOSTILE_TEXTS.slice(0, 12).map((text) => asId(text, 100)) });
    for (const to_id of longterm.slice(0, 20))
      await agent.memories.link({ from_id: after.id, to_id, relation: 'supports' });
    await visit(ui.page, { user: MAL, tab: 'longterm', memory: after.id });
    await openDrawerTab(ui.page, 'History');
    await drawer(ui.page).locator('ins').first().waitFor();
    const compared = drawer(ui.page).getByRole('group', { name: 'What changed in the text' }).first();
    const [deleted, inserted] = [compared.locator('del'), compared.locator('ins')];
    expect((await deleted.count()) + (await inserted.count())).toBeGreaterThan(1);
    await sizes();
    await expectHarmless('history');
    await openDrawerTab(ui.page, 'Links');
    await drawer(ui.page).getByText('<SCRIPT SRC=//evil.example/x.js></SCRIPT>').waitFor();
    await sizes();
    await expectHarmless('links');
    await drawer(ui.page).getByRole('button', { name: 'Edit', exact: true }).click();
    await eventually(
      async () => (await drawer(ui.page).getByLabel('Text', { exact: true }).inputValue()).length,
    ).toBeGreaterThan(1000);
    await sizes();
    await expectHarmless('edit');
  });

  it('is literal in a conversation, with its metadata', async () => {
    await visit(ui.page, { user: MAL, tab: 'session', session: session_id });
    const log = ui.page.getByRole('log', { name: 'Messages' });
    await log.getByRole('article').first().waitFor();
    const missing = new Set(HOSTILE_TEXTS.filter((text) => !isFence(text)).map(plain));
    await log.focus();
    for (let page = 0; page < 80 && missing.size > 0; page += 1) {
      await log.locator('details').evaluateAll((all) => {
        for (const one of all) one.setAttribute('open', '');
      });
      const shown = await log
        .getByRole('article')
        .evaluateAll((all) => all.map((one) => one.querySelector('p')?.textContent ?? ''));
      for (const text of shown) missing.delete(plain(text));
      await log.evaluate((one) => one.scrollBy({ top: one.clientHeight / 2 }));
      await nextFrames();
    }
    expect([...missing]).toEqual([]);
    await expectHarmless('conversation');
    await conversation(ui.page).getByRole('searchbox').fill('<img src=x onerror');
    await conversation(ui.page)
      .getByText(/^1 of \d+$/)
      .waitFor();
    await log.locator('mark').first().waitFor();
    await expectHarmless('found in the conversation');
  });

  it('is literal in titles and ids of sessions', async () => {
    for (const [index, text] of HOSTILE_TEXTS.entries()) {
      await agent.sessions.create({
        user_id: `${MAL}-titles`,
        session_id: `${index} ${asId(text, 150)}`.trim(),
        title: `${index} ${text}`.slice(0, 500).toWellFormed(),
        messages: [{ role: 'user', content: text }],
      });
    }
    await visit(ui.page, { user: `${MAL}-titles`, tab: 'session' });
    await sessionList(ui.page).getByRole('option').first().waitFor();
    for (let index = 0; index < HOSTILE_TEXTS.length; index += 6) {
      await sessionList(ui.page).press('PageDown');
      await conversation(ui.page).getByRole('article').first().waitFor();
      expect(await watch.faults()).toEqual([]);
    }
    await expectHarmless('titles');
  });

  it('is literal in user ids: picker, heading, palette, export', async () => {
    const ids = [...new Set(HOSTILE_TEXTS.map((text) => asId(text, 200)).filter((id) => id !== ''))];
    for (const user_id of ids) await writeWorking(agent, user_id, [`of ${WORD}`]);
    await visit(ui.page, { user: MAL, tab: 'working', panel: 'stats' });
    await userPicker(ui.page).click();
    await ui.page.getByRole('option', { name: '<svg onload=__xss(11)>' }).waitFor();
    await expectHarmless('picker');
    await ui.page.getByRole('option', { name: '<svg onload=__xss(11)>' }).click();
    await userPicker(ui.page).getByText('<svg onload=__xss(11)>').waitFor();
    await ui.page.keyboard.press('Control+e');
    await dialog(ui.page, 'Export').getByText('Only <svg onload=__xss(11)>').waitFor();
    await expectHarmless('export');
    await ui.page.keyboard.press('Escape');
    for (const user of ids) {
      await visit(ui.page, { user, tab: 'working' });
      await memoryList(ui.page).getByText(`of ${WORD}`).waitFor();
      expect(await overflows(ui.page), user).toEqual([]);
    }
    await expectHarmless('headings');
  });

  it('is literal in the palette', async () => {
    await visit(ui.page, { user: MAL, tab: 'working' });
    for (const typed of [WORD, 'script', 'evil.example', '<img src=x onerror=__xss(9)>']) {
      await openPalette(ui.page);
      await palette(ui.page).getByRole('combobox').fill(typed);
      await palette(ui.page).getByText('Memories', { exact: true }).waitFor();
      await expectHarmless(`palette: ${typed}`);
      await ui.page.keyboard.press('Escape');
    }
  });

  it('is literal in contexts and figures', async () => {
    for (const id of longterm.slice(0, 10)) for (let time = 0; time < 2; time += 1) await agent.longterm.get({ id });
    await visit(ui.page, { user: MAL, tab: 'longterm', panel: 'context', session: session_id });
    const panel = sidePanel(ui.page);
    await panel.getByLabel('What is the agent asked?').fill(`${WORD} <script>__xss(0)</script>`);
    await panel.getByText(/^System message: \d+ memories$/).waitFor();
    await panel.getByText(/^\d+ session messages$/).waitFor();
    await expectHarmless('context');
    await visit(ui.page, { user: MAL, tab: 'longterm', panel: 'stats' });
    const mostUsed = async () => (await agent.stats.user({ user_id: MAL })).most_accessed;
    await eventually(async () => (await mostUsed()).length).toBeGreaterThan(0);
    // Accesses are no events; figures are read again when something is written.
    await writeWorking(agent, MAL, ['nothing special again']);
    await panel.getByText('Most used').waitFor();
    await panel
      .getByText(/^probe .*__xss/)
      .first()
      .waitFor();
    await expectHarmless('most used');
  });

  it('is literal in the live feed: users, sessions, filters', async () => {
    const ids = [...new Set(HOSTILE_TEXTS.map((text) => asId(text, 200)).filter((id) => id !== ''))];
    for (const user_id of ids) await agent.sessions.create({ user_id, session_id: user_id });
    await visitFeed(ui.page);
    await eventGrid(ui.page).getByRole('row').nth(10).waitFor();
    await expectHarmless('feed');
    const { items } = await agent.events.list({ types: ['memory.session.created'], limit: 100 });
    for (const { id, user_id } of items.slice(0, 45)) {
      await visitFeed(ui.page, { user: user_id ?? '', q: user_id ?? '', event: id });
      await eventDrawer(ui.page)
        .getByRole('heading', { name: `Event ${id}` })
        .waitFor();
      await eventDrawer(ui.page).getByRole('group', { name: 'Payload' }).waitFor();
      await expectHarmless(`event of ${user_id}`);
    }
  });

  it('is literal in filters and in the address bar', async () => {
    for (const text of HOSTILE_TEXTS.slice(0, 45)) {
      await visit(ui.page, {
        user: MAL,
        tab: 'working',
        q: text,
        tag: [asId(text, 100)],
        type: [text],
      });
      await ui.page.getByRole('list', { name: 'Filters that are set' }).waitFor();
      expect(await watch.faults(), text).toEqual([]);
    }
    await expectHarmless('filters');
  });

  it('is literal in the preview of an import, in file names and in errors', async () => {
    const lines = HOSTILE_TEXTS.slice(0, 40).map((content) =>
      JSON.stringify({
        title: content,
        messages: [
          { role: 'user', content },
          { role: '<b>__xss(0)</b>', content },
        ],
      }),
    );
    await visit(ui.page, { user: MAL, tab: 'working' });
    for (const name of ['<img src=x onerror=__xss(9)>.jsonl', `${'W'.repeat(240)}.jsonl`, 'invoice\u202Elnosj.jsonl']) {
      await ui.page.keyboard.press('Control+i');
      await ui.page.getByLabel('File to import').setInputFiles({
        name,
        mimeType: 'application/jsonl',
        buffer: Buffer.from(`${lines.join('\n')}\n<script>__xss(0)</script>\n`),
      });
      const window = dialog(ui.page, /^Import/);
      await window.getByText('How the file begins').waitFor();
      await expectHarmless(`preview of ${name.slice(0, 40)}`);
      await window.getByRole('button', { name: 'Import', exact: true }).click();
      await window.getByText(/Import (finished|stopped)/).waitFor({ timeout: PATIENCE_MS });
      await expectHarmless(`import of ${name.slice(0, 40)}`);
      await ui.page.keyboard.press('Escape');
      await window.waitFor({ state: 'detached' });
    }
  });

  it('is literal in names of tokens, and in what asks before one is revoked', async () => {
    await ui.page.getByRole('button', { name: 'Connect an agent' }).click();
    const connect = dialog(ui.page, 'Connect an agent');
    for (const name of ['<img src=x onerror=__xss(9)>', 'W'.repeat(100), 'bot\u202Egpj']) {
      await connect.getByLabel('Make a token for').fill(name);
      await connect.getByRole('button', { name: 'Make it' }).click();
      await connect.getByText('The token', { exact: true }).waitFor();
      await expectHarmless(`token of ${name.slice(0, 40)}`);
      await ui.page.keyboard.press('Escape');
      await connect.waitFor({ state: 'detached' });
      await ui.page.getByRole('button', { name: 'Connect an agent' }).click();
    }
    const row = connect.getByRole('listitem').filter({ hasText: '<img src=x onerror=__xss(9)>' });
    await row.getByRole('button', { name: 'Revoke' }).click();
    await ui.page.getByRole('alertdialog').getByText('Revoke the token of “<img src=x onerror=__xss(9)>”?').waitFor();
    await expectHarmless('asking before a token is revoked');
    await ui.page.keyboard.press('Escape');
    await ui.page.keyboard.press('Escape');
  });

  it('keeps its shape with a word of 100 kB, 10,000 tags and a megabyte', async () => {
    const [word = ''] = await writeWorking(agent, `${MAL}-large`, [LONG_WORD], {
      metadata: { [LONG_WORD.slice(0, 5000)]: LONG_WORD },
    });
    const [tagged = ''] = await writeWorking(agent, `${MAL}-large`, ['many tags'], { tags: TEN_THOUSAND_TAGS });
    const [large = ''] = await writeWorking(agent, `${MAL}-large`, [MEGABYTE]);
    const { session_id: session } = requireDone(
      await agent.sessions.create({
        user_id: `${MAL}-large`,
        title: 'W'.repeat(500),
        messages: [
          { role: 'user', content: MEGABYTE },
          { role: 'assistant', content: LONG_WORD },
          { role: 'assistant', content: `\`\`\`js\n${LONG_WORD}\n\`\`\`` },
        ],
      }),
    );
    for (const memory of [word, tagged, large]) {
      await visit(ui.page, { user: `${MAL}-large`, tab: 'working', panel: 'stats', memory });
      await drawer(ui.page).getByText(memory, { exact: true }).waitFor();
      await sizes();
      await expectHarmless(memory);
      const more = drawer(ui.page).getByRole('button', { name: / more/ });
      for (let times = 0; times < 3 && (await more.count()) > 0; times += 1) await more.first().click();
      await sizes();
      await expectHarmless(`${memory}, more of it`);
    }
    await visit(ui.page, { user: `${MAL}-large`, tab: 'session', session });
    await conversation(ui.page).getByRole('article').first().waitFor();
    await expectHarmless('a conversation with large messages');
    await conversation(ui.page)
      .getByRole('button', { name: /^Show 60,000 more of/ })
      .first()
      .click();
    await conversation(ui.page).getByRole('button', { name: 'Last message' }).click();
    await conversation(ui.page).getByRole('article').filter({ hasText: 'js' }).waitFor();
    await expectHarmless('the last of large messages');
    await conversation(ui.page).getByRole('searchbox').fill('play');
    await conversation(ui.page)
      .getByText(/^1 of \d+$/)
      .waitFor();
    await expectHarmless('found in a megabyte');
  });

  it('is literal in messages about what was done', async () => {
    await visit(ui.page, { user: MAL, tab: 'working' });
    await memoryList(ui.page).focus();
    await ui.page.keyboard.press('Home');
    await ui.page.keyboard.press('Delete');
    await toast(ui.page, 'deleted').first().waitFor();
    await expectHarmless('messages');
  });

  it('would have noticed', async () => {
    const before = (await watch.faults()).length;
    await ui.page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=__xss(9)>'));
    await eventually(async () => (await watch.faults()).length).toBeGreaterThan(before + 1);
    await ui.page.evaluate(() => document.querySelector('img[onerror]')?.remove());
  });
});
