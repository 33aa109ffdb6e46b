/** Every panel while it has nothing to show: it is read, it is empty, it failed, the engine is away. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ArchonClient, requireDone } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf, writeLongTerm, writeWorking } from '../support/ui-agent.ts';
import { Calls } from '../support/ui-calls.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { type Outage, outageOf } from '../support/ui-outage.ts';
import {
  conversation,
  drawer,
  eventually,
  offlineBanner,
  openDrawerTab,
  openPalette,
  PATIENCE_MS,
  palette,
  type Search,
  sessionList,
  sidePanel,
  userPicker,
  visit,
  waitForFirstRun,
  waitForInspector,
} from '../support/ui-page.ts';

const EVA = 'eva';
const NOBODY = 'nobody-yet';

afterAll(closeChromium);

interface Panel {
  name: string;
  /** The call it shows the answer of. */
  call: string;
  /** Where it is; its own deeds follow with `open`. */
  at: Search;
  open?(page: Page): Promise<void>;
  root(page: Page): Locator;
  /** What it shows when all is well. */
  full(page: Page): Locator;
  /** What it says of somebody who has nothing; undefined where there is always something. */
  empty?: string | RegExp;
}

const main = (page: Page) => page.getByRole('main');
const picker = (page: Page) => page.getByRole('dialog', { name: 'Choose a user' });

/** Ids that are known only when the test has written. */
interface Written {
  session_id: string;
  memory_id: string;
}

const panels = ({ session_id, memory_id }: Written): Panel[] => [
  {
    name: 'the working list',
    call: 'working/list',
    at: { tab: 'working' },
    root: main,
    full: (page) => page.getByText('watered the ficus', { exact: true }),
    empty: 'No working memories yet',
  },
  {
    name: 'the long-term list',
    call: 'longterm/list',
    at: { tab: 'longterm' },
    root: main,
    full: (page) => page.getByRole('grid').getByText('Eva grows tomatoes', { exact: true }),
    empty: 'No long-term memories yet',
  },
  {
    name: 'the sessions',
    call: 'sessions/list',
    at: { tab: 'session' },
    root: main,
    full: (page) => sessionList(page).getByRole('option', { name: /The garden/ }),
    empty: 'No sessions now',
  },
  {
    name: 'a conversation',
    call: 'sessions/messages',
    at: { tab: 'session', session: session_id },
    root: main,
    full: (page) => conversation(page).getByText('When do I water it?'),
  },
  {
    name: 'the statistics',
    call: 'stats/user',
    at: { panel: 'stats' },
    root: sidePanel,
    full: (page) => sidePanel(page).getByText('Written per day'),
    empty: 'No memories yet.',
  },
  {
    name: 'the context preview',
    call: 'context/assemble',
    at: { panel: 'context' },
    root: sidePanel,
    full: (page) => sidePanel(page).getByText('Eva grows tomatoes'),
    empty: 'The context is empty: there is nothing to give the agent.',
  },
  {
    name: 'the controls',
    call: 'controls/get',
    at: { panel: 'controls' },
    root: sidePanel,
    full: (page) => sidePanel(page).getByRole('switch', { name: 'Memory' }),
  },
  {
    name: 'the details of a memory',
    call: 'memories/history',
    at: { tab: 'longterm', memory: memory_id },
    root: drawer,
    full: (page) => drawer(page).getByText('Eva grows tomatoes'),
  },
  {
    name: 'the choice of a user',
    call: 'memories/users',
    at: {},
    open: (page) => userPicker(page).click(),
    root: picker,
    full: (page) => picker(page).getByRole('option', { name: /eva/ }),
  },
];

describe.runIf(chromiumAvailable).each(pageHosts())('$name: what a panel shows when it has nothing', (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  let calls: Calls;
  let outage: Outage;
  let written: Written;
  beforeAll(async () => {
    ui = await host.open();
    agent = agentOf(ui);
    await waitForFirstRun(ui.page);
    await writeWorking(agent, EVA, ['watered the ficus']);
    const [memory_id = ''] = await writeLongTerm(agent, EVA, ['Eva grows tomatoes']);
    const { session_id } = requireDone(
      await agent.sessions.create({
        user_id: EVA,
        title: 'The garden',
        messages: [{ role: 'user', content: 'When do I water it?' }],
      }),
    );
    written = { session_id, memory_id };
    outage = await outageOf(ui);
    calls = await Calls.of(ui);
    await waitForInspector(ui.page);
  });
  afterAll(async () => {
    await outage?.remove();
    await ui?.close();
  });

  /** A page that has read nothing yet, with what the panel asks for kept waiting. */
  const openFresh = async (panel: Panel, user: string) => {
    await visit(ui.page, { panel: 'none', ...panel.at, user });
    await calls.hold(panel.call);
    await ui.page.reload();
    await waitForInspector(ui.page);
    await panel.open?.(ui.page);
  };

  const expectRefusal = async (root: Locator) => {
    const alert = root.getByRole('alert').filter({ hasText: calls.message });
    const again = alert.getByRole('button', { name: 'Try again' }).first();
    await again.waitFor();
    return again;
  };

  it('shows that it reads, why it cannot, and what there is when it is tried again', async () => {
    for (const panel of panels(written)) {
      await openFresh(panel, EVA);
      const root = panel.root(ui.page);
      await root.getByRole('status', { name: 'Loading' }).first().waitFor();
      expect({ panel: panel.name, shown: await panel.full(ui.page).count() }).toEqual({ panel: panel.name, shown: 0 });
      await calls.fail(panel.call);
      const again = await expectRefusal(root);
      const before = await calls.count(panel.call);
      await again.click();
      await eventually(() => calls.count(panel.call)).toBeGreaterThan(before);
      await expectRefusal(root);
      await calls.mend();
      // A panel that follows events may have read again by itself by now; then there is nothing left to press.
      const isFull = async () => {
        if ((await panel.full(ui.page).count()) > 0) return true;
        await again.click({ timeout: 1000 }).catch(() => undefined);
        return false;
      };
      await eventually(isFull).toBe(true);
      await eventually(() => root.getByRole('alert').count()).toBe(0);
      await ui.page.keyboard.press('Escape');
    }
  });

  it('says that there is nothing, and what will come', async () => {
    for (const panel of panels(written)) {
      if (panel.empty === undefined) continue;
      await visit(ui.page, { ...panel.at, user: NOBODY });
      await panel.root(ui.page).getByText(panel.empty).first().waitFor();
    }
    await visit(ui.page, { user: EVA });
    await userPicker(ui.page).click();
    await picker(ui.page).getByRole('combobox').fill('zzz');
    await picker(ui.page).getByText('No user has this in their id.').waitFor();
    await ui.page.keyboard.press('Escape');
  });

  it('shows the parts of a memory that has no history and no links', async () => {
    await visit(ui.page, { user: EVA, tab: 'longterm', memory: written.memory_id });
    await openDrawerTab(ui.page, 'History');
    await drawer(ui.page).getByText('It is as it was written').waitFor();
    await openDrawerTab(ui.page, 'Links');
    await drawer(ui.page).getByText('No links', { exact: true }).waitFor();
  });

  it('says what the palette could not ask, and finds the rest', async () => {
    await visit(ui.page, { user: EVA, panel: 'none' });
    await calls.fail('search/query');
    await openPalette(ui.page);
    await palette(ui.page).getByRole('combobox').fill('garden');
    const again = await expectRefusal(palette(ui.page));
    await palette(ui.page).getByRole('option', { name: 'The garden' }).waitFor();
    await calls.mend();
    await again.click();
    await eventually(() => palette(ui.page).getByRole('alert').count()).toBe(0);
    await palette(ui.page).getByRole('combobox').fill('tomatoes');
    await palette(ui.page)
      .getByRole('option', { name: /Eva grows tomatoes/ })
      .waitFor();
    await palette(ui.page).getByRole('combobox').fill('nothing of this kind');
    await palette(ui.page).getByText('Nothing is called like this.').waitFor();
    await ui.page.keyboard.press('Escape');
  });

  it('keeps what it shows when it cannot be read again, and says so', async () => {
    await visit(ui.page, { user: EVA, panel: 'stats' });
    await sidePanel(ui.page).getByText('Written per day').waitFor();
    await calls.fail('stats/user');
    await writeWorking(agent, EVA, ['sowed the beans']);
    const again = await expectRefusal(sidePanel(ui.page));
    await sidePanel(ui.page).getByText('Not up to date.').waitFor();
    expect(await sidePanel(ui.page).getByText('Written per day').isVisible()).toBe(true);
    await calls.mend();
    await again.click();
    await eventually(() => sidePanel(ui.page).getByRole('alert').count()).toBe(0);
  });

  const copied = async () =>
    ui.desktop === undefined ? await ui.page.evaluate(() => navigator.clipboard.readText()) : ui.desktop.clipboard;
  const allowClipboard = async () => {
    if (host.kind === 'server') await ui.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  };

  it('shows a view that breaks alone, with the details, and shows it again', async () => {
    await allowClipboard();
    await visit(ui.page, { user: EVA, tab: 'working', panel: 'none' });
    await calls.answer('working/list', { items: [null], next_cursor: null });
    await ui.page.reload();
    await ui.page.getByText('This view stopped working').waitFor();
    expect(await ui.page.getByRole('navigation', { name: 'Main' }).isVisible()).toBe(true);
    await ui.page.getByRole('button', { name: 'Copy details' }).click();
    await eventually(copied).toMatch(/^Archon: [\s\S]*page: \/memory[\s\S]* at /);
    await calls.mend();
    await ui.page.getByRole('button', { name: 'Show it again' }).click();
    await ui.page.getByText('watered the ficus', { exact: true }).waitFor();
  });

  it('lives on when the palette breaks, and gives the details', async () => {
    await allowClipboard();
    await visit(ui.page, { user: EVA, tab: 'working', panel: 'none' });
    await ui.page.reload();
    await waitForInspector(ui.page);
    await calls.answer('memories/users', { items: null, next_cursor: null });
    await ui.page.keyboard.press('Control+k');
    const told = ui.page.getByRole('listitem').filter({ hasText: 'The command palette could not be shown' });
    await told.waitFor();
    await palette(ui.page).waitFor({ state: 'detached' });
    expect(await ui.page.getByText('watered the ficus', { exact: true }).isVisible()).toBe(true);
    await told.getByRole('button', { name: 'Copy details' }).click();
    await eventually(copied).toMatch(/^Archon: [\s\S]*page: \/memory/);
    await calls.mend();
    // What was read wrongly is still known for a while: another text asks anew.
    await ui.page.reload();
    await waitForInspector(ui.page);
    await openPalette(ui.page);
    await palette(ui.page).getByRole('option', { name: 'Keyboard shortcuts' }).waitFor();
    await ui.page.keyboard.press('Escape');
  });

  it('says that the engine is away, and reads by itself when it is back', async () => {
    await visit(ui.page, { user: EVA, tab: 'working', panel: 'none' });
    await ui.page.reload();
    await waitForInspector(ui.page);
    await outage.begin();
    await offlineBanner(ui.page).waitFor();
    const awayIn = (root: Locator) => root.getByRole('alert').filter({ hasText: 'Archon cannot be reached right now' });
    await visit(ui.page, { user: EVA, tab: 'longterm', panel: 'controls' });
    await eventually(() => awayIn(ui.page.getByRole('main')).count()).toBe(2);
    await outage.end();
    await offlineBanner(ui.page).waitFor({ state: 'detached', timeout: PATIENCE_MS });
    await ui.page.getByRole('grid').getByText('Eva grows tomatoes', { exact: true }).waitFor();
    await sidePanel(ui.page).getByRole('switch', { name: 'Memory' }).waitFor();
  });
});
