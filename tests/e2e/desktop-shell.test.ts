/** The built desktop app in the stand-in: what its shell does around the page. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { DataFolder } from '../support/cli-process.ts';
import { postgresAvailable, startPostgres } from '../support/postgres-server.ts';
import { buildFixture, removeFixture } from '../support/standin/build-fixture.ts';
import { type StandinDesktop, type StartDesktopOptions, startDesktop } from '../support/standin/desktop.ts';
import type { Fixture } from '../support/standin/fixture/main.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { serverFileSoon } from '../support/ui-hosts.ts';

declare global {
  interface Window {
    fixture: Fixture;
  }
}

const MEMORY_ID = '0192f0c1-2345-7abc-8def-0123456789ab';
const APP_FRAME = { url: 'app://archon/', is_main: true };

let renderer: string;
const desktops: StandinDesktop[] = [];
const folders: DataFolder[] = [];
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  renderer = await buildFixture();
});
afterEach(async () => {
  for (const desktop of desktops.splice(0)) await desktop.kill();
  for (const folder of folders.splice(0)) await folder.remove();
  for (const cleanup of cleanups.splice(0)) await cleanup();
});
afterAll(async () => {
  await closeChromium();
  removeFixture(renderer);
});

function newFolder(): DataFolder {
  const folder = DataFolder.withDatabase();
  folders.push(folder);
  return folder;
}

async function start(options: StartDesktopOptions = {}): Promise<StandinDesktop> {
  const desktop = await startDesktop({ renderer, ...options });
  desktops.push(desktop);
  return desktop;
}

/** The app with its page connected to the engine. */
async function startConnected(options: StartDesktopOptions = {}): Promise<StandinDesktop> {
  const desktop = await start(options);
  const connected = desktop.page.getByText('connected').waitFor();
  const failed = desktop.waitForProblem();
  failed.catch(() => {});
  const problem = await Promise.race([connected, failed]);
  if (problem) throw new Error(`the app did not start: ${await problem.page.locator('body').innerText()}`);
  return desktop;
}

const state = (desktop: StandinDesktop): Promise<Pick<Fixture, 'ports' | 'memories' | 'commands' | 'marker'>> =>
  desktop.page.evaluate(() => {
    const { ports, memories, commands, marker } = window.fixture;
    return { ports, memories, commands, marker };
  });

const health = (desktop: StandinDesktop): Promise<string> =>
  desktop.page.evaluate(async () => (await window.fixture.client?.health.deep())?.status ?? 'no client');

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  await expect.poll(condition, { timeout: 60_000, interval: 50 }).toBe(true);
};

/** A page somebody else serves. */
async function foreignPage(): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>foreign</title>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  cleanups.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.runIf(chromiumAvailable)('the desktop app', () => {
  describe('and its page', () => {
    it('gives the page a port to the engine, and agents an HTTP API', async () => {
      const folder = newFolder();
      const desktop = await startConnected({ dataDir: folder.path });
      expect(await health(desktop)).toBe('healthy');
      const { url, token } = await serverFileSoon(folder.path);
      const written = await fetch(`${url}/api/memory/working`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ user_id: 'ada', memory_type: 'decision', content: { text: 'ship on Friday' } }),
      });
      expect(written.status).toBe(201);
      const seen = await desktop.page.evaluate(() => window.fixture.client?.working.list({ user_id: 'ada' }));
      expect(seen?.items.map(({ content }) => content.text)).toEqual(['ship on Friday']);
      expect(desktop.window.console).toEqual([]);
      expect(await desktop.quit()).toBe(0);
      expect(desktop.problems).toEqual([]);
    });

    it('refuses a port to a page of another origin and to frames inside the page, and goes on', async () => {
      const desktop = await startConnected({ dataDir: newFolder().path });
      const url = await foreignPage();
      await desktop.sendAs({ url: 'app://archon.example/', is_main: true }, 'archon:connect');
      await desktop.sendAs({ url: 'app://archon/', is_main: false }, 'archon:connect');
      await desktop.window.force(url);
      expect(await desktop.page.title()).toBe('foreign');
      // The page that had it is gone, and the new one gets none.
      expect(desktop.closedPorts).toHaveLength(1);
      // The preload script runs there as well, as in Electron; main is what refuses.
      const given = await desktop.page.evaluate(async () => {
        let ports = 0;
        window.addEventListener('message', (event) => {
          ports += event.ports.length;
        });
        const bridge = (window as unknown as { archon: Fixture['bridge'] }).archon;
        bridge.connect();
        return await bridge.copyText('x').then(
          () => 'copied',
          (error) => `${ports} ports, ${error.message}`,
        );
      });
      expect(given).toBe('0 ports, This page may not do that.');
      expect(desktop.clipboard).toBe('');
      await desktop.window.load('app://archon/');
      await desktop.page.getByText('connected').waitFor();
      expect(await health(desktop)).toBe('healthy');
    });

    it('closes the port when the page leaves, keeps it while the page only changes its path', async () => {
      const desktop = await startConnected({ dataDir: newFolder().path });
      await desktop.page.evaluate(() => {
        window.fixture.marker = 'same page';
        history.pushState(null, '', '/memory?user=ada');
      });
      expect(await health(desktop)).toBe('healthy');
      expect(desktop.closedPorts).toHaveLength(0);

      // A lost connection: the page asks again and keeps what it shows.
      await desktop.page.evaluate(() => window.fixture.bridge.connect());
      await until(async () => (await state(desktop)).ports === 2);
      expect(desktop.closedPorts).toHaveLength(1);
      expect(await health(desktop)).toBe('healthy');
      expect((await state(desktop)).marker).toBe('same page');

      await desktop.page.reload();
      await desktop.page.getByText('connected').waitFor();
      expect(desktop.closedPorts).toHaveLength(2);
      expect(await health(desktop)).toBe('healthy');
      expect((await state(desktop)).marker).toBeUndefined();
      expect(new URL(desktop.page.url()).pathname).toBe('/memory');
    });

    it('keeps port and messages of a page whose navigation is refused', async () => {
      const desktop = await startConnected({ dataDir: newFolder().path });
      const url = await foreignPage();
      await desktop.page.evaluate((to) => {
        window.fixture.marker = 'same page';
        location.assign(to);
      }, url);
      await desktop.page.evaluate(() => new Promise((tick) => setTimeout(tick, 200)));
      await desktop.clickMenu('open-import');
      await until(async () => (await state(desktop)).commands.length === 1);
      expect(await state(desktop)).toMatchObject({ marker: 'same page', ports: 1 });
      expect(desktop.closedPorts).toEqual([]);
      expect(await health(desktop)).toBe('healthy');
    });

    it('offers a reload when the process of the page dies', async () => {
      const desktop = await startConnected({ dataDir: newFolder().path });
      const crashed = desktop.page;
      await crashed.goto('chrome://crash').catch(() => {});
      await until(() => desktop.page !== crashed);
      await desktop.page.getByText('connected').waitFor();
      expect(desktop.dialogs[0]?.options).toMatchObject({ message: 'The window stopped working.' });
      expect(desktop.closedPorts).toHaveLength(1);
      expect(await health(desktop)).toBe('healthy');
    });

    it('asks what to do about a page that died out of sight once the window is shown again', async () => {
      const desktop = await startConnected({ dataDir: newFolder().path });
      await desktop.closeWindow();
      await until(() => !desktop.look.visible);
      const crashed = desktop.page;
      await crashed.goto('chrome://crash').catch(() => {});
      await until(() => desktop.closedPorts.length === 1);
      expect(desktop.dialogs).toEqual([]);
      expect(desktop.page).toBe(crashed);
      await desktop.app.clickTray();
      await until(() => desktop.page !== crashed);
      await desktop.page.getByText('connected').waitFor();
      expect(desktop.dialogs.map(({ options }) => options.message)).toEqual(['The window stopped working.']);
    });

    it('hears that the page closed its port, and tells the page of its own close', async () => {
      const desktop = await startConnected({ dataDir: newFolder().path });
      await desktop.page.evaluate(() => window.fixture.closePort());
      await until(() => desktop.closedPorts.length === 1);
      await desktop.page.evaluate(() => window.fixture.bridge.connect());
      await until(async () => (await state(desktop)).ports === 2);
      // The one before is closed by main: the page is told, and asks no more of it.
      await desktop.page.evaluate(() => window.fixture.bridge.connect());
      await until(async () => (await state(desktop)).ports === 3);
      await until(() => desktop.page.evaluate(() => window.fixture.closed === 1));
      expect(await health(desktop)).toBe('healthy');
    });

    it('finds the path of a chosen file, copies text and opens listed pages only', async () => {
      const folder = newFolder();
      const desktop = await startConnected({ dataDir: folder.path });
      const file = join(desktop.home, 'conversations.jsonl');
      writeFileSync(file, '{"messages":[{"role":"user","content":"hello"}]}\n');
      await desktop.chooseFile(desktop.page.getByLabel('File'), file);
      const path = await desktop.page.evaluate(() => {
        const [chosen] = (document.getElementById('file') as HTMLInputElement).files ?? [];
        return chosen ? window.fixture.bridge.pathOf(chosen) : 'none';
      });
      expect(path).toBe(file);
      const refused = await desktop.page.evaluate(async () => {
        await window.fixture.bridge.copyText('a\u0000b');
        await window.fixture.bridge.openExternal('https://redis.io/docs/latest/');
        const why = (error: Error) => error.message;
        return [
          await window.fixture.bridge.openExternal('https://example.com/').catch(why),
          await window.fixture.bridge.openExternal('file:///etc/passwd').catch(why),
          await window.fixture.bridge.showFile('\\\\server\\share\\x').catch(why),
        ];
      });
      expect(desktop.clipboard).toBe('a\u0000b');
      expect(desktop.opened).toEqual([{ kind: 'external', target: 'https://redis.io/docs/latest/' }]);
      expect(refused).toEqual([
        expect.stringContaining('not on the list'),
        expect.stringContaining('not on the list'),
        'That is no file of this computer.',
      ]);
    });

    it('saves a finished export where the person wants it', async () => {
      const desktop = await startConnected({ dataDir: newFolder().path });
      const target = join(desktop.home, 'all.archon.gz');
      const job_id = await desktop.page.evaluate(async () => {
        const { client } = window.fixture;
        const job = await client?.transfer.export({ scope: { kind: 'org' } });
        return job?.job_id ?? '';
      });
      await until(() =>
        desktop.page.evaluate(
          async (id) => (await window.fixture.client?.transfer.job({ job_id: id }))?.state === 'succeeded',
          job_id,
        ),
      );
      const save = () => desktop.page.evaluate((id) => window.fixture.bridge.saveExport(id), job_id);
      expect(await save()).toBeNull();
      desktop.answerDialog({ canceled: false, filePath: target });
      expect(await save()).toEqual({ path: target });
      expect(readFileSync(target).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
      await desktop.page.evaluate((path) => window.fixture.bridge.showFile(path), target);
      expect(desktop.opened).toEqual([{ kind: 'folder-of', target }]);
    });
  });

  describe('as a guest of the desktop', () => {
    it('sends menu commands to the page and opens the API reference of its own server', async () => {
      const folder = newFolder();
      const desktop = await startConnected({ dataDir: folder.path });
      await desktop.clickMenu('open-import');
      await desktop.clickTrayItem('Search …');
      await until(async () => (await state(desktop)).commands.length === 2);
      expect((await state(desktop)).commands).toEqual(['open-import', 'open-palette']);
      await desktop.clickMenu('api-reference');
      const { url } = await serverFileSoon(folder.path);
      await until(() => desktop.opened.length === 1);
      expect(desktop.opened[0]).toEqual({ kind: 'external', target: `${url}/api/docs` });
      await until(() => desktop.tray?.tool_tip === 'Archon — Everything works');
    });

    it('lets a second start bring the first to the front, with its link', async () => {
      const desktop = await startConnected({ dataDir: newFolder().path });
      await desktop.app.windowAction(desktop.window.id, 'minimize');
      expect(await desktop.secondInstance([`archon://memory/${MEMORY_ID}`])).toBe(0);
      expect(desktop.windows.size).toBe(1);
      expect(desktop.look).toMatchObject({ visible: true, focused: true, minimized: false });
      await until(async () => (await state(desktop)).memories.length === 1);
      // What is no link to a memory changes nothing.
      await desktop.secondInstance(['archon://memory/../../etc']);
      await desktop.app.openUrl(`archon://memory/${MEMORY_ID.toUpperCase()}`);
      await until(async () => (await state(desktop)).memories.length === 2);
      expect((await state(desktop)).memories).toEqual([MEMORY_ID, MEMORY_ID]);
    });

    it('opens the memory of the link it is started with', async () => {
      const desktop = await start({
        dataDir: newFolder().path,
        argv: [`archon://memory/${MEMORY_ID}`],
      });
      await until(async () => (await state(desktop)).memories[0] === MEMORY_ID);
    });

    it('opens the memory of a link that comes before it is ready, as on macOS', async () => {
      const desktop = await startConnected({
        dataDir: newFolder().path,
        env: { STANDIN_OPEN_URL: `archon://memory/${MEMORY_ID}` },
      });
      await until(async () => (await state(desktop)).memories.length === 1);
      expect((await state(desktop)).memories).toEqual([MEMORY_ID]);
    });

    it('hides to the tray, says so once, tells of imports meanwhile, and comes back', async () => {
      const desktop = await startConnected({ dataDir: newFolder().path });
      await desktop.closeWindow();
      await until(() => !desktop.look.visible);
      await until(() => desktop.notifications.length === 1);
      expect(desktop.notifications[0]?.title).toBe('Archon is still running');
      await desktop.app.clickTray();
      expect(desktop.look).toMatchObject({ visible: true, focused: true });
      await desktop.closeWindow();
      await until(() => !desktop.look.visible);
      const file = join(desktop.home, 'chat.jsonl');
      writeFileSync(file, '{"messages":[{"role":"user","content":"hello"},{"role":"assistant","content":"hi"}]}\n');
      await desktop.page.evaluate(
        async (path) =>
          await window.fixture.client?.transfer.import({ source: { kind: 'file', path }, user_id: 'ada' }),
        file,
      );
      await until(() => desktop.notifications.length === 2);
      expect(desktop.notifications[1]).toMatchObject({
        title: 'Import finished',
        body: 'chat.jsonl: 2 messages, 2 memories',
      });
      await desktop.app.clickNotification(1);
      expect(desktop.look.visible).toBe(true);
    });

    it('ends with the window where there is no tray', async () => {
      const desktop = await startConnected({ dataDir: newFolder().path, env: { STANDIN_NO_TRAY: '1' } });
      await desktop.closeWindow();
      expect(await desktop.exited).toBe(0);
    });

    it('ends with the window where Electron makes a tray that nothing shows', async () => {
      const desktop = await startConnected({ dataDir: newFolder().path, env: { STANDIN_TRAY_HOST: 'false' } });
      await desktop.closeWindow();
      expect(await desktop.exited).toBe(0);
    });

    it('is minimised where nobody can say whether its tray icon is shown', async () => {
      const desktop = await startConnected({ dataDir: newFolder().path, env: { STANDIN_NO_BUS: '1' } });
      await desktop.closeWindow();
      await until(() => desktop.look.minimized);
      expect(desktop.look.visible).toBe(true);
      expect(await health(desktop)).toBe('healthy');
    });

    it('says that it is closing, and waits until the engine has closed its stores', async () => {
      const folder = newFolder();
      const desktop = await startConnected({ dataDir: folder.path });
      const { console: printed } = desktop.window;
      await desktop.page.evaluate(() => window.fixture.bridge.onClosing(() => console.info('closing')));
      expect(await desktop.quit()).toBe(0);
      expect(printed).toContain('info: closing');
      expect(existsSync(join(folder.path, 'lock.json'))).toBe(false);
      expect(existsSync(join(folder.path, 'server.json'))).toBe(false);
      // SQLite removes it when the last connection is closed in order.
      expect(existsSync(join(folder.path, 'history.db-wal'))).toBe(false);
    });

    it('remembers where its window was', async () => {
      const folder = newFolder();
      const home = mkdtempSync(join(tmpdir(), 'archon-home-'));
      cleanups.push(() => rmSync(home, { recursive: true, force: true }));
      const first = await startConnected({ dataDir: folder.path, home });
      await first.app.moveWindow(first.window.id, { x: 300, y: 100, width: 1200, height: 800 });
      await first.app.windowAction(first.window.id, 'maximize');
      await first.closeWindow();
      await first.quit();
      const second = await startConnected({ dataDir: folder.path, home });
      expect(second.look).toMatchObject({ x: 300, y: 100, width: 1200, height: 800, maximized: true });
    });
  });

  describe('when something is in its way', () => {
    it.runIf(postgresAvailable)(
      'ends in time although the engine hangs, and says meanwhile that it is closing',
      async () => {
        const postgres = await startPostgres({ fsync: 'off' });
        cleanups.push(() => postgres.remove());
        const proxy = await TcpProxy.to(postgres.port);
        cleanups.push(() => proxy.close());
        const url = new URL(await postgres.createDatabase('hanging'));
        url.port = String(proxy.port);
        const desktop = await startConnected({ env: { ARCHON_DATABASE_URL: url.href } });
        // Nothing it asks of its database is answered any more, and what it has to write cannot be written.
        proxy.mode = 'silent';
        await desktop.page.evaluate(() => {
          const asking = window.fixture.client?.working.list({ user_id: 'ada' });
          asking?.catch(() => {});
        });
        await desktop.closeWindow();
        const quitting = desktop.app.quit().catch(() => {});
        await desktop.page.getByText('closing').waitFor();
        await until(() => desktop.tray?.tool_tip.startsWith('Archon — Closing') ?? false);
        expect(await desktop.exited).toBe(0);
        await quitting;
      },
    );

    it('runs without its HTTP API when the port is taken, and says why', async () => {
      const url = new URL(await foreignPage());
      const desktop = await startConnected({ dataDir: newFolder().path, env: { ARCHON_PORT: url.port } });
      expect(await health(desktop)).toBe('healthy');
      const status = await desktop.page.evaluate(() => window.fixture.client?.app.status());
      expect(status?.api).toEqual({ url: null, problem: expect.stringContaining(`Port ${url.port}`) });
      await desktop.clickMenu('api-reference');
      await until(() => desktop.dialogs.length === 1);
      expect(desktop.dialogs[0]?.options).toMatchObject({ content: expect.stringContaining(`Port ${url.port}`) });
    });

    it('explains a data folder in use, checks, and starts in another one', async () => {
      const folder = newFolder();
      await folder.serve();
      const desktop = await start({ dataDir: folder.path });
      const problem = await desktop.waitForProblem();
      await problem.page.getByRole('heading', { name: 'Another program is using your memory' }).waitFor();
      expect(desktop.windows.size).toBe(1);
      expect(await problem.page.evaluate(() => 'archon' in window)).toBe(false);
      await problem.page.getByRole('link', { name: 'Try again' }).click();
      await problem.page.getByText('is in use by process').waitFor();

      await problem.page.getByRole('link', { name: 'Run checks' }).click();
      await problem.page.getByText('lock: held by our server').waitFor();
      await problem.page.getByRole('link', { name: 'Open logs folder' }).click();
      await until(() => desktop.opened.length === 1);
      expect(desktop.opened[0]).toEqual({ kind: 'path', target: join(folder.path, 'logs') });
      expect(readFileSync(join(folder.path, 'logs', 'archon.log'), 'utf8')).toContain('DATA_FOLDER_IN_USE');

      await desktop.app.openUrl(`archon://memory/${MEMORY_ID}`);
      const other = newFolder();
      desktop.answerDialog({ canceled: false, filePaths: [other.path] });
      await problem.page.getByRole('link', { name: 'Choose another data folder' }).click();
      await desktop.waitForMain();
      await desktop.page.getByText('connected').waitFor();
      expect(desktop.windows.size).toBe(1);
      // The link that came meanwhile.
      await until(async () => (await state(desktop)).memories[0] === MEMORY_ID);
      expect(JSON.parse(readFileSync(join(other.path, 'lock.json'), 'utf8')).pid).toBe(desktop.pid);
    });

    it('ends in order and with 1 after an error nobody handled, and says so once', async () => {
      const folder = newFolder();
      const desktop = await startConnected({ dataDir: folder.path });
      await desktop.app.throwError('first');
      await desktop.app.throwError('second').catch(() => {});
      expect(await desktop.exited).toBe(1);
      expect(desktop.dialogs.map(({ options }) => options)).toEqual([
        { title: 'Archon has to close', content: 'first' },
      ]);
      expect(existsSync(join(folder.path, 'lock.json'))).toBe(false);
    });

    it('ends when the person closes the window that explains', async () => {
      const folder = newFolder();
      const desktop = await start({ dataDir: folder.path, env: { ARCHON_PORT: 'eighty' } });
      const problem = await desktop.waitForProblem();
      await problem.page.getByText('server.port (from ARCHON_PORT)').waitFor();
      await problem.page.getByRole('link', { name: 'Run checks' }).click();
      await problem.page.getByText('Correct this first').waitFor();
      await desktop.app.windowAction(problem.id, 'close');
      expect(await desktop.exited).toBe(0);
    });
  });

  it('knows which frame speaks to it when arguments are wrong', async () => {
    const desktop = await startConnected({ dataDir: newFolder().path });
    const answer = await desktop.invokeAs(APP_FRAME, 'archon:save-export', '../../etc/passwd');
    expect(answer).toEqual({ value: { ok: false, message: 'That is not a valid request.' } });
  });
});
