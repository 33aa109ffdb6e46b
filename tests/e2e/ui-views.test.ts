/** What a person types, chooses and reads in the views of the inspector is neither lost nor taken for something else. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ArchonClient, DEFAULT_CONTROLS, requireDone } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf, numbered, writeLongTerm, writeWorking } from '../support/ui-agent.ts';
import { Calls } from '../support/ui-calls.ts';
import { focusOf } from '../support/ui-focus.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import {
  conversation,
  dialog,
  drawer,
  eventually,
  findInList,
  memoryRow,
  openMemory,
  openPalette,
  openPanel,
  palette,
  sessionList,
  sidePanel,
  toast,
  userPicker,
  visit,
  waitForFirstRun,
  waitForInspector,
} from '../support/ui-page.ts';

const IDA = 'ida';
/** Beyond what a message shows at a time. */
const FAR = 90_000;

/** So often the page has drawn itself anew. */
const frames = (page: Page, count: number): Promise<void> =>
  page.evaluate(async (left) => {
    for (let n = 0; n < left; n++) await new Promise(requestAnimationFrame);
  }, count);

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: the views of the inspector', (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  let calls: Calls;
  beforeAll(async () => {
    ui = await host.open();
    agent = agentOf(ui);
    await waitForFirstRun(ui.page);
    await writeWorking(agent, IDA, numbered('note', 3));
    await writeLongTerm(agent, IDA, ['Ida plays the cello']);
    calls = await Calls.of(ui);
    await waitForInspector(ui.page);
  });
  afterAll(() => ui?.close());

  const press = async (...keys: string[]) => {
    for (const key of keys) await ui.page.keyboard.press(key);
  };
  const addressed = (name: string) => new URL(ui.page.url()).searchParams.get(name);
  const question = () => sidePanel(ui.page).getByLabel('What is the agent asked?');

  describe('looking', () => {
    it('reads the preview once, and uses nothing', async () => {
      const { session_id } = requireDone(
        await agent.sessions.create({
          user_id: IDA,
          title: 'Lessons',
          messages: [{ role: 'user', content: 'Is there a lesson today?' }],
        }),
      );
      const before = (await agent.sessions.list({ user_id: IDA })).items[0];
      await agent.controls.set({ user_id: IDA, controls: { max_tokens: 6000 } });
      await visit(ui.page, { user: IDA, tab: 'session', session: session_id, panel: 'context' });
      await ui.page.reload();
      await sidePanel(ui.page).getByText('Ida plays the cello').waitFor();
      await sidePanel(ui.page)
        .getByText(/of 6,000 tokens$/)
        .waitFor();
      await conversation(ui.page).getByText('Is there a lesson today?').waitFor();
      await sidePanel(ui.page).getByText('The controls allow up to 6,000.').waitFor();
      await eventually(() => sidePanel(ui.page).locator('[aria-busy="true"]').count()).toBe(0);
      expect(await calls.count('context/assemble')).toBe(1);
      const [after] = (await agent.sessions.list({ user_id: IDA })).items;
      expect(after).toEqual(before);
      expect(await agent.stats.user({ user_id: IDA })).toMatchObject({ most_accessed: [] });
    });

    it('keeps the question and the budget while another panel is shown', async () => {
      await question().fill('Which instrument?');
      await sidePanel(ui.page).getByRole('slider', { name: 'Budget' }).focus();
      await press('Home', 'ArrowRight');
      await sidePanel(ui.page)
        .getByText(/of 2,500 tokens$/)
        .waitFor();
      await openPanel(ui.page, 'Statistics');
      await sidePanel(ui.page).getByText('Written per day').waitFor();
      await openPanel(ui.page, 'Context');
      expect(await question().inputValue()).toBe('Which instrument?');
      await sidePanel(ui.page)
        .getByText(/of 2,500 tokens$/)
        .waitFor();
    });
  });

  it('takes every key press on the most tokens, however slowly it is saved', async () => {
    await agent.controls.set({ user_id: IDA, controls: { max_tokens: null } });
    await visit(ui.page, { user: IDA, panel: 'controls' });
    const slider = sidePanel(ui.page).getByRole('slider', { name: 'Most tokens in a context' });
    await eventually(() => slider.getAttribute('aria-valuenow')).toBe(String(DEFAULT_CONTROLS.max_tokens));
    await slider.focus();
    await calls.hold('controls/set');
    await press('ArrowRight', 'ArrowRight', 'ArrowRight');
    await calls.mend();
    await press('ArrowRight');
    const wanted = DEFAULT_CONTROLS.max_tokens + 4 * 500;
    await eventually(() => slider.getAttribute('aria-valuenow')).toBe(String(wanted));
    await eventually(async () => (await agent.controls.get({ user_id: IDA })).effective.max_tokens).toBe(wanted);
    await sidePanel(ui.page)
      .getByText(/^Changes take effect at once/)
      .waitFor();
    expect(await slider.getAttribute('aria-valuenow')).toBe(String(wanted));
  });

  describe('conversations', () => {
    const talks = ['first', 'second', 'third'];
    beforeAll(async () => {
      for (const title of talks) {
        await agent.sessions.create({
          user_id: 'olga',
          session_id: title,
          title: `The ${title} talk`,
          messages: [{ role: 'user', content: `said in the ${title}` }],
        });
      }
    });

    it('passes over sessions with the arrows, and goes back to the one that was chosen', async () => {
      await visit(ui.page, { user: 'olga', tab: 'session', session: 'third' });
      await conversation(ui.page).getByText('said in the third').waitFor();
      const length = await ui.page.evaluate(() => history.length);
      await sessionList(ui.page).focus();
      await press('ArrowDown', 'ArrowDown');
      await conversation(ui.page).getByText('said in the first').waitFor();
      expect(await ui.page.evaluate(() => history.length)).toBe(length);
      await sessionList(ui.page)
        .getByRole('option', { name: /The second talk/ })
        .click();
      await conversation(ui.page).getByText('said in the second').waitFor();
      await ui.page.goBack();
      await conversation(ui.page).getByText('said in the first').waitFor();
    });

    it('shows the place that was found, however far down a message it is', async () => {
      const text = `${'filler words here\n'.repeat(FAR / 18)}the Needle in it\n${'and more\n'.repeat(3000)}`;
      await agent.sessions.create({
        user_id: 'olga',
        session_id: 'long',
        messages: [
          ...numbered('short', 30).map((content) => ({ role: 'user' as const, content })),
          { role: 'assistant', content: text },
          ...numbered('later', 30).map((content) => ({ role: 'user' as const, content })),
        ],
      });
      await visit(ui.page, { user: 'olga', tab: 'session', session: 'long' });
      await conversation(ui.page).getByText('short 1', { exact: true }).waitFor();
      await conversation(ui.page).getByRole('searchbox').fill('needle');
      await conversation(ui.page).getByText('1 of 1').waitFor();
      const mark = conversation(ui.page).locator('mark');
      const isInSight = async () => {
        const [place, frame] = [
          await mark.first().boundingBox(),
          await conversation(ui.page).getByRole('log').boundingBox(),
        ];
        if (place === null || frame === null) return false;
        return place.y >= frame.y && place.y + place.height <= frame.y + frame.height;
      };
      await eventually(isInSight).toBe(true);
      expect(await mark.first().textContent()).toBe('Needle');
    });

    it('keeps nothing of a session that is deleted while it is read', async () => {
      await visit(ui.page, { user: 'olga', tab: 'session', session: 'third' });
      await conversation(ui.page).getByText('said in the third').waitFor();
      await agent.sessions.delete({ session_id: 'third' });
      await ui.page.getByText('This session was deleted').waitFor();
      expect(await ui.page.getByText('said in the third').count()).toBe(0);
      await eventually(() =>
        sessionList(ui.page)
          .getByRole('option', { name: /The third talk/ })
          .count(),
      ).toBe(0);
      await ui.page.getByRole('button', { name: 'Show other sessions' }).click();
      await conversation(ui.page).getByRole('heading', { level: 2 }).waitFor();
      expect(addressed('session')).not.toBe('third');
    });

    it('goes to another session when the person forgets the open one', async () => {
      await visit(ui.page, { user: 'olga', tab: 'session', session: 'second' });
      await conversation(ui.page).getByText('said in the second').waitFor();
      await conversation(ui.page).getByRole('button', { name: 'Forget this session' }).click();
      await ui.page.getByRole('alertdialog').getByRole('button', { name: 'Forget it' }).click();
      await toast(ui.page, 'The session was forgotten.').waitFor();
      await conversation(ui.page).getByText('said in the second').waitFor({ state: 'detached' });
      await eventually(() => addressed('session')).not.toBe('second');
      await conversation(ui.page).getByRole('heading', { level: 2 }).waitFor();
    });

    it('keeps nothing of a user who is erased, in the conversation or in the drawer', async () => {
      const [memory_id = ''] = await writeLongTerm(agent, 'olga', ['Olga keeps bees']);
      await visit(ui.page, { user: 'olga', tab: 'session', session: 'first', memory: memory_id });
      await conversation(ui.page).getByText('said in the first').waitFor();
      await drawer(ui.page).getByText('Olga keeps bees').waitFor();
      await agent.memories.erase({ user_id: 'olga', confirm: 'olga' });
      await ui.page.getByText('This user was erased').waitFor();
      await drawer(ui.page).getByText('This memory was erased').waitFor();
      expect(await ui.page.getByText('said in the first').count()).toBe(0);
      expect(await ui.page.getByText('Olga keeps bees').count()).toBe(0);
    });
  });

  describe('users', () => {
    beforeAll(async () => {
      for (const user of [...Array.from({ length: 60 }, (_, n) => `guest-${String(n).padStart(2, '0')}`), 'zoe']) {
        await agent.working.create({ user_id: user, memory_type: 'action', content: { text: `seen ${user}` } });
      }
    });
    const picker = () => ui.page.getByRole('dialog', { name: 'Choose a user' });
    const options = () => picker().getByRole('option');

    it('finds a recent one beyond the first page, and pages on to the last', async () => {
      await visit(ui.page, { user: 'zoe', tab: 'working' });
      await memoryRow(ui.page, 'seen zoe').waitFor();
      await visit(ui.page, { user: IDA, tab: 'working' });
      await memoryRow(ui.page, 'note 3').waitFor();
      await userPicker(ui.page).click();
      await eventually(async () => (await options().allTextContents()).slice(0, 2)).toEqual([
        expect.stringMatching(/^ida/),
        expect.stringMatching(/^zoe/),
      ]);
      await picker().getByText('The first 50 by id').waitFor();
      expect(await options().filter({ hasText: 'guest-59' }).count()).toBe(0);
      await picker().getByRole('button', { name: 'Show more' }).click();
      await options().filter({ hasText: 'guest-59' }).waitFor();
      expect(await options().filter({ hasText: 'zoe' }).count()).toBe(1);
      await press('Escape');
    });

    it('takes nobody back who is on the way to another page', async () => {
      await visit(ui.page, {});
      await calls.hold('memories/users');
      await ui.page.reload();
      const code = '**/assets/WorkersPage-*.js';
      const arrived = Promise.withResolvers<void>();
      await ui.page.route(code, async (route) => {
        await arrived.promise;
        // In the desktop app the page comes from a handler of the shell's own.
        await route.fallback();
      });
      await ui.page.getByRole('link', { name: 'Workers', exact: true }).click();
      await calls.mend();
      await frames(ui.page, 30);
      arrived.resolve();
      await ui.page.getByRole('heading', { name: 'Workers', level: 1 }).waitFor();
      expect(new URL(ui.page.url()).pathname).toBe('/workers');
      await ui.page.unroute(code);
    });

    it('begins with the one that was looked at last, wherever they are in the list', async () => {
      await visit(ui.page, { user: 'zoe', tab: 'working' });
      await memoryRow(ui.page, 'seen zoe').waitFor();
      await visit(ui.page, {});
      await ui.page.reload();
      await ui.page.getByRole('button', { name: 'User: zoe' }).waitFor();
    });
  });

  describe('writing', () => {
    it('asks with a window of its own before changes are dropped', async () => {
      const browserAsks: string[] = [];
      ui.page.on('dialog', (asked) => {
        browserAsks.push(asked.message());
        void asked.dismiss();
      });
      await visit(ui.page, { user: IDA, tab: 'longterm' });
      await openMemory(ui.page, 'Ida plays the cello');
      await drawer(ui.page).getByRole('button', { name: 'Edit' }).click();
      const text = drawer(ui.page).getByLabel('Text', { exact: true });
      await text.fill('Ida plays the viola');
      const asks = ui.page.getByRole('alertdialog', { name: 'Leave without saving?' });
      await press('Escape');
      await asks.getByRole('button', { name: 'Keep editing' }).click();
      await asks.waitFor({ state: 'detached' });
      expect(await text.inputValue()).toBe('Ida plays the viola');
      // Another panel, or none, leaves the form where it is.
      await ui.page.getByRole('button', { name: /^(Hide|Show) statistics, context and controls/ }).click();
      expect(await text.inputValue()).toBe('Ida plays the viola');
      await ui.page.goBack();
      await ui.page.goBack();
      await asks.waitFor();
      await press('Escape');
      await asks.waitFor({ state: 'detached' });
      expect(await text.inputValue()).toBe('Ida plays the viola');
      await drawer(ui.page).getByRole('button', { name: 'Cancel' }).click();
      await asks.getByRole('button', { name: 'Discard changes' }).click();
      await drawer(ui.page).getByText('Ida plays the cello').waitFor();
      expect(browserAsks).toEqual([]);
      await eventually(async () => (await focusOf(ui.page)).what).toBe('button Close');
      await press('Escape');
      await drawer(ui.page).waitFor({ state: 'detached' });
    });

    it('leaves tags as they are, whatever is in them', async () => {
      const tags = ['Smith, John', 'plain', 'a,b'];
      const [id = ''] = await writeLongTerm(agent, IDA, ['Ida knows John'], { tags });
      await visit(ui.page, { user: IDA, tab: 'longterm', memory: id });
      await drawer(ui.page).getByRole('button', { name: 'Edit' }).click();
      await drawer(ui.page).getByRole('button', { name: 'Remove tag plain' }).click();
      await drawer(ui.page).getByLabel('Tags', { exact: true }).last().fill('one, two');
      await press('Enter');
      await drawer(ui.page).getByRole('button', { name: 'Remove tag two' }).waitFor();
      await drawer(ui.page).getByRole('button', { name: 'Save' }).click();
      await toast(ui.page, 'Saved.').first().waitFor();
      const { memory } = await agent.memories.history({ id });
      expect(memory.tags).toEqual(['Smith, John', 'a,b', 'one', 'two']);
    });

    it('keeps the space at the end of what is looked for', async () => {
      await visit(ui.page, { user: IDA, tab: 'working' });
      const field = ui.page.getByRole('searchbox', { name: 'Find in this list' });
      await findInList(ui.page, 'note ');
      await eventually(() => addressed('q')).toBe('note ');
      await memoryRow(ui.page, 'note 1').waitFor();
      expect(await field.inputValue()).toBe('note ');
      await field.press('2');
      await eventually(() => addressed('q')).toBe('note 2');
      expect(await field.inputValue()).toBe('note 2');
      await field.fill('   ');
      await eventually(() => addressed('q')).toBe(null);
    });

    it('adds no tag when the field is left with Escape', async () => {
      await visit(ui.page, { user: IDA, tab: 'working' });
      await ui.page.getByRole('button', { name: /^Filters/ }).click();
      const filters = dialog(ui.page, 'Filters');
      await filters.getByLabel('Tag', { exact: true }).fill('half');
      await press('Escape');
      await filters.waitFor({ state: 'detached' });
      await ui.page.getByRole('button', { name: /^Filters/ }).click();
      await filters.getByLabel('Tag', { exact: true }).fill('whole');
      await press('Enter');
      await eventually(() => addressed('tag')).toBe(JSON.stringify(['whole']));
      await press('Escape');
    });
  });

  describe('the palette', () => {
    it('finds a session beyond the first hundred', async () => {
      for (const title of ['the oldest of all', ...numbered('chat', 120)]) {
        await agent.sessions.create({ user_id: 'paul', session_id: title.replaceAll(' ', '-'), title });
      }
      await visit(ui.page, { user: 'paul', tab: 'session' });
      await sessionList(ui.page).waitFor();
      await openPalette(ui.page);
      await palette(ui.page).getByRole('combobox').fill('oldest of');
      await palette(ui.page).getByRole('option', { name: 'the oldest of all' }).click();
      await eventually(() => addressed('session')).toBe('the-oldest-of-all');
    });

    it('keeps its key from the browser also while a dialog is open', async () => {
      await ui.page.evaluate(() => {
        const store = window as unknown as { __prevented: boolean[] };
        store.__prevented = [];
        window.addEventListener('keydown', (event) => {
          if (event.key === 'k') setTimeout(() => store.__prevented.push(event.defaultPrevented));
        });
      });
      await press('Control+i');
      await dialog(ui.page, 'Import').waitFor();
      await press('Control+k');
      const prevented = () => ui.page.evaluate(() => (window as unknown as { __prevented: boolean[] }).__prevented);
      await eventually(prevented).toEqual([true]);
      expect(await palette(ui.page).count()).toBe(0);
      await press('Escape');
    });
  });

  describe('the theme', () => {
    const shown = () => ui.page.evaluate(() => document.documentElement.dataset.theme);
    const scheme = () => ui.page.locator('meta[name="color-scheme"]').getAttribute('content');
    const choose = async (name: string) => {
      await ui.page.getByRole('button', { name: 'Appearance and account' }).click();
      await ui.page.getByRole('menuitemradio', { name }).click();
    };

    it('is dark until the system or the person says otherwise, from the first picture on', async () => {
      await ui.page.emulateMedia({ colorScheme: 'no-preference' });
      await ui.page.evaluate(() => localStorage.removeItem('archon.theme'));
      await ui.page.reload();
      await waitForInspector(ui.page);
      expect([await shown(), await scheme()]).toEqual(['dark', 'dark']);
      await choose('Light');
      await eventually(shown).toBe('light');
      // Before the bundle runs.
      await ui.page.route('**/assets/*.js', (route) => route.abort());
      await ui.page.reload({ waitUntil: 'domcontentloaded' });
      expect([await shown(), await scheme()]).toEqual(['light', 'light']);
      await ui.page.unroute('**/assets/*.js');
      await ui.page.reload();
      await waitForInspector(ui.page);
      expect(await shown()).toBe('light');
      await choose('As the system');
      await ui.page.emulateMedia({ colorScheme: 'dark' });
      await eventually(shown).toBe('dark');
      await ui.page.emulateMedia({ colorScheme: 'light' });
      await eventually(shown).toBe('light');
      await choose('Dark');
      await eventually(shown).toBe('dark');
    });
  });
});
