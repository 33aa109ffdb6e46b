/** The live feed shows what happens, each event once and in order; subscribers show what waits for whom. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient } from '../../src-contract/index.ts';
import { childEnvironment } from '../support/child-environment.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { asPerson } from '../support/person.ts';
import { type AppCopy, copyApp } from '../support/standin/app-copy.ts';
import { agentOf, numbered, writeLongTerm, writeWorking } from '../support/ui-agent.ts';
import { barriers } from '../support/ui-axe.ts';
import {
  allEventIds,
  eventDrawer,
  eventGrid,
  eventRow,
  minuteBars,
  shownEvents,
  subscriberRow,
  visitFeed,
  visitSubscribers,
} from '../support/ui-events-page.ts';
import { hosts, type OpenUi, pageHosts, serverFileSoon } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import {
  eventually,
  findInPalette,
  isMarked,
  mark,
  offlineBanner,
  PATIENCE_MS,
  waitForFirstRun,
} from '../support/ui-page.ts';

const [ADA, BEA] = ['ada', 'bea'];

/** Their runs are events as well, and come when they like. */
const NO_WORKERS = { ARCHON_WORKERS_ENABLED: 'false' };

afterAll(closeChromium);

const session = async (agent: ArchonClient, user_id: string, session_id: string) => {
  await agent.sessions.create({ user_id, session_id, messages: [{ role: 'user', content: 'Hello' }] });
};

describe.runIf(chromiumAvailable).each(pageHosts())('$name: the live feed', (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  beforeAll(async () => {
    ui = await host.open({ env: NO_WORKERS });
    agent = agentOf(ui);
    await waitForFirstRun(ui.page);
    await mark(ui.page);
    await visitFeed(ui.page);
  });
  afterAll(() => ui?.close());

  const pause = () => ui.page.getByRole('button', { name: /^Pause/ });
  const resume = () => ui.page.getByRole('button', { name: /^Resume/ });
  const newestIs = (text: RegExp) => eventually(async () => (await shownEvents(ui.page))[0]).toMatch(text);

  it('shows what an agent writes, the newest on top', async () => {
    await session(agent, ADA, 'first-session');
    await eventRow(ui.page, 'Session first-session begun').waitFor();
    await eventRow(ui.page, '1 message added to session first-session').waitFor();
    await writeLongTerm(agent, BEA, ['Bea sails']);
    await newestIs(/^Long-term memory written: fact …/);
    const [row] = await eventRow(ui.page, 'Long-term memory written').all();
    expect(await row?.textContent()).toContain(BEA);
  });

  it('counts what comes while it is paused, and shows it when it goes on', async () => {
    await eventGrid(ui.page).focus();
    await ui.page.keyboard.press('p');
    await resume().waitFor();
    const before = await shownEvents(ui.page);
    await writeWorking(agent, ADA, numbered('note', 23));
    await ui.page.getByText('23 new', { exact: true }).waitFor();
    expect(await shownEvents(ui.page)).toEqual(before);
    await ui.page.keyboard.press('p');
    await pause().waitFor();
    await eventually(async () => (await shownEvents(ui.page)).length).toBeGreaterThan(20);
    const { items } = await agent.events.list({ limit: 500 });
    await eventually(() => allEventIds(ui.page)).toEqual(items.map(({ id }) => id));
  });

  it('reads from the log what was too much to keep while it was paused', async () => {
    await pause().click();
    await writeWorking(agent, ADA, numbered('flood', 2600));
    await ui.page.getByText('2,600 new', { exact: true }).waitFor();
    await resume().click();
    await ui.page.getByText(/^2,6\d\d events/).waitFor();
    const { items } = await agent.events.list({ limit: 100 });
    await eventually(() => allEventIds(ui.page, 100)).toEqual(items.map(({ id }) => id));
  });

  it('filters by type, by user and by text, and what comes as well', async () => {
    await ui.page.getByRole('button', { name: /filter by type/ }).click();
    await ui.page.getByRole('menuitemcheckbox', { name: 'Sessions', exact: true }).click();
    await ui.page.keyboard.press('Escape');
    await eventually(() => shownEvents(ui.page)).toEqual([
      '1 message added to session first-session',
      'Session first-session begun',
    ]);
    await session(agent, BEA, 'second-session');
    await writeWorking(agent, BEA, ['not a session']);
    await session(agent, ADA, 'third-session');
    await newestIs(/third-session/);
    expect(await shownEvents(ui.page)).toHaveLength(6);
    await ui.page.getByRole('button', { name: /filter by user/ }).click();
    await ui.page.getByLabel('Only events of this user').fill(BEA);
    await ui.page.keyboard.press('Enter');
    await eventually(async () => (await shownEvents(ui.page)).length).toBe(2);
    await ui.page.getByRole('button', { name: `Remove filter user ${BEA}` }).click();
    await ui.page.getByRole('searchbox', { name: 'Find in payloads' }).fill('SECOND-sess');
    await eventually(() => shownEvents(ui.page)).toEqual([
      '1 message added to session second-session',
      'Session second-session begun',
    ]);
    await session(agent, ADA, 'fourth-session');
    await session(agent, ADA, 'my-second-session');
    await newestIs(/my-second-session/);
    expect(await shownEvents(ui.page)).toHaveLength(4);
    expect(new URL(ui.page.url()).searchParams.get('q')).toBe('SECOND-sess');
    await ui.page.getByRole('searchbox', { name: 'Find in payloads' }).fill('nothing like it');
    await ui.page.getByText('No event matches these filters').waitFor();
    await ui.page.getByRole('button', { name: 'Clear filters' }).click();
    await newestIs(/my-second-session/);
    expect(new URL(ui.page.url()).search).toBe('');
  });

  it('goes to a minute of the last hour', async () => {
    await eventually(async () =>
      (await minuteBars(ui.page).evaluateAll((bars) => bars.map((bar) => bar.ariaLabel))).some((label) =>
        /: [1-9]/.test(label ?? ''),
      ),
    ).toBe(true);
    await minuteBars(ui.page).last().focus();
    await ui.page.keyboard.press('Home');
    await ui.page.keyboard.press('Enter');
    await ui.page.getByText('No event matches these filters').waitFor();
    expect(await minuteBars(ui.page).first().getAttribute('aria-pressed')).toBe('true');
    await ui.page.keyboard.press('Enter');
    await newestIs(/my-second-session/);
  });

  it('shows everything about an event, and the ones beside it', async () => {
    await visitFeed(ui.page, { q: 'second-session' });
    await eventRow(ui.page, 'Session second-session begun').click();
    const drawer = eventDrawer(ui.page);
    await drawer.getByRole('group', { name: 'Payload' }).getByText('"second-session"').waitFor();
    // The router writes what looks like a number as a JSON text.
    const id = JSON.parse(new URL(ui.page.url()).searchParams.get('event') ?? '');
    await drawer.getByRole('heading', { name: `Event ${id}` }).waitFor();
    await ui.page.keyboard.press('k');
    await drawer.getByText('1 message added to session second-session').waitFor();
    await ui.page.keyboard.press('j');
    await drawer.getByText('Session second-session begun').waitFor();
    expect(await drawer.getByRole('button', { name: 'Older event' }).isDisabled()).toBe(true);
    await ui.page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await visitFeed(ui.page, { q: 'second-session', event: id });
    await drawer.getByRole('link', { name: 'second-session' }).click();
    await ui.page.getByRole('region', { name: 'Conversation' }).getByText('Hello').waitFor();
  });

  it('opens an old event by its address, and says when there is none', async () => {
    const [oldest] = (await agent.events.list({ types: ['memory.session.created'], limit: 500 })).items.toReversed();
    await visitFeed(ui.page, { type: ['memory.link.created'], event: oldest?.id ?? '' });
    await eventDrawer(ui.page).getByText('Session first-session begun').waitFor();
    await visitFeed(ui.page, { event: '999999999' });
    await eventDrawer(ui.page).getByRole('alert').waitFor();
    await visitFeed(ui.page, { event: 'what', user: ' ', from: 'yesterday', type: ['unknown'] });
    await newestIs(/my-second-session/);
    expect(await eventDrawer(ui.page).count()).toBe(0);
  });

  it('is found in the palette, as its parts are', async () => {
    await findInPalette(ui.page, 'subscribers', /Events: Subscribers/);
    await ui.page.getByText('Nobody subscribes to events').waitFor();
    await ui.page.getByRole('link', { name: 'Go to webhooks' }).click();
    expect(new URL(ui.page.url()).pathname).toBe('/events/webhooks');
    expect(await isMarked(ui.page)).toBe(true);
  });
});

/** What the page shows after the server was killed, and another was started in its place. */
describe.runIf(chromiumAvailable).each(hosts().filter(({ kind }) => kind === 'server'))(
  '$name: the live feed over a restart',
  (host) => {
    let ui: OpenUi;
    let copy: AppCopy | undefined;
    let server: ChildProcess | undefined;
    beforeAll(async () => {
      ui = await host.open({ env: NO_WORKERS });
      await waitForFirstRun(ui.page);
      await visitFeed(ui.page);
    });
    afterAll(async () => {
      if (server !== undefined && server.exitCode === null && server.signalCode === null) {
        const ended = once(server, 'close');
        server.kill('SIGTERM');
        await ended;
      }
      copy?.remove();
      await ui?.close();
    });

    const kill = async (child: { pid: number }) => {
      process.kill(child.pid, 'SIGKILL');
      await eventually(() => isAlive(child.pid)).toBe(false);
    };
    const start = async (port: string) => {
      copy ??= copyApp();
      server = spawn(process.execPath, [join(copy.folder, 'out/main/headless.js'), 'serve', '--json'], {
        env: { ...NO_WORKERS, ...childEnvironment(), ARCHON_DATA_DIR: ui.dataDir, ARCHON_PORT: port },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    };

    it('shows every event of the log once, in order, however the server ended', async () => {
      const { port } = new URL(ui.api.url);
      await writeWorking(agentOf(ui), ADA, numbered('before', 30));
      await eventually(async () => (await allEventIds(ui.page)).length).toBe(30);
      await mark(ui.page);
      const { pid } = JSON.parse(readFileSync(join(ui.dataDir, 'server.json'), 'utf8'));
      await kill({ pid });
      await offlineBanner(ui.page).waitFor();
      await ui.page.getByText('Not connected: these are the events until then.').waitFor();
      expect(await allEventIds(ui.page)).toHaveLength(30);
      rmSync(join(ui.dataDir, 'server.json'), { force: true });
      // Nobody serves the page meanwhile.
      await asPerson(ui.dataDir, async (client) => {
        await writeWorking(client, ADA, numbered('meanwhile', 40));
      });
      await start(port);
      const api = await serverFileSoon(ui.dataDir);
      await eventually(() => answers(api.url)).toBe(true);
      await writeWorking(agentOf({ api }), ADA, numbered('after', 50));
      await offlineBanner(ui.page).waitFor({ state: 'detached', timeout: PATIENCE_MS });
      const written = async () => {
        const { items } = await agentOf({ api }).events.list({ limit: 500 });
        return items.map(({ id }) => id);
      };
      expect((await written()).length).toBeGreaterThanOrEqual(120);
      await eventually(async () => (await allEventIds(ui.page)).join() === (await written()).join()).toBe(true);
      expect(await isMarked(ui.page)).toBe(true);
    });
  },
);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).status < 500;
  } catch {
    return false;
  }
}

describe.runIf(chromiumAvailable).each(pageHosts())('$name: subscribers', (host) => {
  const folder = mkdtempSync(join(tmpdir(), 'archon-ui-subscribers-'));
  const answer = { status: 500 };
  let receiver: Server;
  let ui: OpenUi;
  let agent: ArchonClient;
  beforeAll(async () => {
    receiver = createServer((request, response) => {
      request.resume();
      response.writeHead(answer.status).end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    const dataDir = join(folder, 'data');
    await asPerson(dataDir, async ({ webhooks }) => {
      const url = `http://127.0.0.1:${port}/`;
      await webhooks.create({ name: 'Orchard', url, types: ['memory.longterm.created'] });
      await webhooks.create({ name: 'Meadow', url, types: ['memory.working.created'] });
    });
    const env = {
      ARCHON_EVENTS_WEBHOOKS_ALLOW_PRIVATE: 'true',
      ARCHON_EVENTS_RETRY_FIRST_SECONDS: '1',
      ARCHON_EVENTS_RETRY_FACTOR: '1',
      ARCHON_EVENTS_RETRY_ATTEMPTS: '100',
    };
    ui = await host.open({ dataDir, env });
    agent = agentOf(ui);
    await waitForFirstRun(ui.page);
    await visitSubscribers(ui.page);
  });
  afterAll(async () => {
    await ui?.close();
    receiver?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const cell = async (name: string, column: number) =>
    Number((await subscriberRow(ui.page, name).getByRole('cell').nth(column).innerText()).replaceAll(/\D/g, ''));

  it('are up to date while there is nothing to deliver', async () => {
    await ui.page.getByText('All 2 subscribers are up to date.').waitFor();
    await subscriberRow(ui.page, 'Orchard').getByText('Webhook · memory.longterm.created').waitFor();
    await ui.page.getByText('empty. All events of sessions are in the log.').waitFor();
  });

  it('show what waits for a webhook whose server refuses, and that it is delivered when it takes it', async () => {
    await writeLongTerm(agent, ADA, numbered('fact', 12));
    // Refused, and to be tried again.
    await eventually(() => cell('Orchard', 8)).toBeGreaterThan(0);
    await ui.page.getByText(/^Orchard is 12 events behind/).waitFor();
    expect(await barriers(ui.page)).toEqual([]);
    expect(await overflows(ui.page)).toEqual([]);
    expect(await cell('Meadow', 7)).toBe(0);
    answer.status = 200;
    await eventually(() => cell('Orchard', 7)).toBe(12);
    await ui.page.getByText('All 2 subscribers are up to date.').waitFor();
  });

  it('lead to their webhook', async () => {
    await subscriberRow(ui.page, 'Meadow').getByRole('link', { name: 'Meadow' }).click();
    await eventually(() => new URL(ui.page.url()).pathname).toBe('/events/webhooks');
  });
});
