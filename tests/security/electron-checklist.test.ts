/** Electron's security checklist, item by item, on the built app in the stand-in. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import { DESKTOP_COMMANDS } from '../../src-contract/index.ts';
import { CHANNELS } from '../../src-main/desktop/bridge/channels.ts';
import { APP_POLICY } from '../../src-main/desktop/security/content-security-policy.ts';
import { FUSES } from '../../src-main/desktop/security/fuses.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { buildFixture, removeFixture } from '../support/standin/build-fixture.ts';
import { type StandinDesktop, startDesktop } from '../support/standin/desktop.ts';
import type { Fixture } from '../support/standin/fixture/main.ts';
import type { WindowPage } from '../support/standin/window-page.ts';
import { asked, seen } from './checklist.ts';

declare global {
  interface Window {
    fixture: Fixture;
  }
}

const ROOT = resolve(import.meta.dirname, '..', '..');
const OWN_FRAME = { url: 'app://archon/', is_main: true };
const ID = '0192f0c1-2345-7abc-8def-0123456789ab';
/** Calls of the page with arguments that would pass. */
const CALLS: [channel: string, ...args: unknown[]][] = [
  [CHANNELS.saveExport, ID],
  [CHANNELS.showFile, '/etc/passwd'],
  [CHANNELS.openExternal, 'https://redis.io/docs/'],
  [CHANNELS.copyText, 'stolen'],
  [CHANNELS.setTheme, 'light'],
];
const PERMISSIONS = [
  'clipboard-read',
  'clipboard-sanitized-write',
  'display-capture',
  'fileSystem',
  'fullscreen',
  'geolocation',
  'hid',
  'idle-detection',
  'keyboardLock',
  'media',
  'mediaKeySystem',
  'midi',
  'midiSysex',
  'notifications',
  'openExternal',
  'pointerLock',
  'serial',
  'speaker-selection',
  'storage-access',
  'top-level-storage-access',
  'unknown',
  'usb',
  'window-management',
];

/** The app with its page, and one that could not start and explains it. */
let app: StandinDesktop;
let failed: StandinDesktop;
let renderer: string;
/** Somebody else's server, and what reached it. */
let foreign: Server;
let foreignUrl: string;
let reached: string[] = [];

beforeAll(async () => {
  if (!chromiumAvailable) return;
  foreign = createServer((request, response) => {
    reached.push(request.url ?? '');
    response.setHeader('access-control-allow-origin', '*');
    response.end('foreign');
  });
  await new Promise<void>((done) => foreign.listen(0, '127.0.0.1', done));
  foreignUrl = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
  renderer = await buildFixture();
  [app, failed] = await Promise.all([startDesktop({ renderer }), startFailing()]);
  await app.page.getByText('connected').waitFor();
});
afterAll(async () => {
  if (!chromiumAvailable) return;
  await Promise.all([app?.kill(), failed?.kill()]);
  await closeChromium();
  removeFixture(renderer);
  foreign.close();
});
beforeEach(() => {
  reached = [];
});

/** Its configuration cannot be used. */
async function startFailing(): Promise<StandinDesktop> {
  const desktop = await startDesktop({ renderer, env: { ARCHON_PORT: 'eighty' } });
  const { page } = await desktop.waitForProblem();
  await page.getByRole('heading').waitFor();
  return desktop;
}

const preferences = (window: WindowPage) => (window.options.webPreferences ?? {}) as Record<string, unknown>;
const allWindows = (): WindowPage[] => [...app.windows.values(), ...failed.windows.values()];
const everyPreference = (name: string): unknown[] => allWindows().map((window) => preferences(window)[name]);
const said = (what: string): unknown => app.asked.find((entry) => entry.what === what)?.value;

/** Lets the page do something and says which rules of its policy stopped it. */
async function violations(act: (url: string) => void): Promise<string[]> {
  await app.page.evaluate(() => {
    const broken: string[] = [];
    Object.assign(window, { broken });
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => broken.push(effectiveDirective));
  });
  await app.page.evaluate(act, foreignUrl);
  const broken = () => app.page.evaluate(() => (window as unknown as { broken: string[] }).broken);
  await expect.poll(async () => (await broken()).length, { timeout: 10_000 }).toBeGreaterThan(0);
  return await broken();
}

/** Lets a page try to leave and makes sure it stays. */
async function staysWhen(window: WindowPage, act: (url: string) => void, url: string): Promise<void> {
  const before = window.page.url();
  await window.page.evaluate(act, url).catch(() => {});
  // Whatever was started comes before the answer to this.
  await window.page.evaluate(() => new Promise((tick) => setTimeout(tick, 50)));
  expect(window.page.url()).toBe(before);
}

describe.runIf(chromiumAvailable)('Electron’s security checklist', () => {
  seen(1, 'pages come over app:// and what they want of any network is cancelled', async () => {
    for (const window of allWindows()) expect(window.page.url()).toMatch(/^https:\/\/(archon|problem)\.app\./);
    for (const url of ['http://example.com/', 'https://example.com/', 'ws://example.com/', 'file:///etc/passwd']) {
      expect(await app.app.mayRequest(url)).toBe(false);
    }
    expect(await app.app.mayRequest('app://archon/assets/x.js')).toBe(true);
    await app.page.evaluate(async (url) => {
      await fetch(url).catch(() => {});
      await new Promise((done) => Object.assign(new Image(), { src: url, onload: done, onerror: done }));
    }, foreignUrl);
    expect(reached).toEqual([]);
  });

  asked(2, 'no window has Node.js, nor its workers and frames', () => {
    for (const name of ['nodeIntegration', 'nodeIntegrationInWorker', 'nodeIntegrationInSubFrames']) {
      expect(everyPreference(name)).toEqual(allWindows().map(() => false));
    }
  });

  seen(2, 'a page finds nothing of Node.js', async () => {
    const found = await app.page.evaluate(() =>
      ['require', 'process', 'module', 'Buffer', 'global', '__dirname'].filter((name) => name in window),
    );
    expect(found).toEqual([]);
  });

  asked(3, 'every window is isolated from its preload script', () => {
    expect(everyPreference('contextIsolation')).toEqual(allWindows().map(() => true));
  });

  asked(4, 'every renderer is sandboxed, also one nobody thought of', () => {
    expect(everyPreference('sandbox')).toEqual(allWindows().map(() => true));
    expect(said('app.enableSandbox')).toBe(true);
  });

  seen(4, 'the preload script needs nothing that a sandbox lacks', () => {
    const preload = readFileSync(join(ROOT, 'out', 'preload', 'index.cjs'), 'utf8');
    const required = [...preload.matchAll(/\brequire\(\s*["'`]([^"'`]+)["'`]\s*\)/g)].map(([, name]) => name);
    expect(required).toEqual(['electron']);
  });

  seen(5, 'every permission is refused, asked or checked, for pages and devices', async () => {
    for (const name of PERMISSIONS) {
      expect(await app.app.permission(name)).toEqual({ request: false, check: false, device: false });
    }
  });

  asked(6, 'webSecurity stays on', () => {
    expect(everyPreference('webSecurity')).toEqual(allWindows().map(() => true));
  });

  seen(7, 'the policy comes with the page and names no foreign source', async () => {
    const policy = await app.page.evaluate(
      async () => (await fetch('/')).headers.get('content-security-policy') ?? 'none',
    );
    expect(policy).toBe(APP_POLICY);
    expect(policy).toMatch(/^default-src 'none'/);
    expect(policy).not.toMatch(/unsafe-eval|https?:|\*/);
    expect(policy).toMatch(/script-src 'self';/);
  });

  seen(7, 'inline scripts, handlers, foreign scripts, frames, connections and forms are stopped', async () => {
    const attempts: [directive: string, act: (url: string) => void][] = [
      [
        'script-src-elem',
        () => {
          const script = document.createElement('script');
          script.textContent = 'window.attacked = true';
          document.body.append(script);
        },
      ],
      ['script-src-attr', () => document.body.setAttribute('onclick', 'window.attacked = true')],
      [
        'script-src-elem',
        (url) => {
          document.body.append(Object.assign(document.createElement('script'), { src: `${url}/x.js` }));
        },
      ],
      ['connect-src', (url) => void fetch(url).catch(() => {})],
      [
        'img-src',
        (url) => {
          new Image().src = `${url}/x.png`;
        },
      ],
      [
        'frame-src',
        (url) => {
          document.body.append(Object.assign(document.createElement('iframe'), { src: url }));
        },
      ],
    ];
    for (const [directive, act] of attempts) expect(await violations(act)).toContain(directive);
    expect(await app.page.evaluate(() => 'attacked' in window)).toBe(false);
    expect(reached).toEqual([]);
  });

  seen(7, 'the page that explains a failed start runs no script at all', async () => {
    const answer = await failed.app.fetch('app://problem/', 'GET', {});
    expect(answer?.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'self';/);
    const attacked = await failed.problemWindow.page.evaluate(() => {
      document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.attacked = true' }));
      document.body.setAttribute('onclick', 'window.attacked = true');
      document.body.click();
      return 'attacked' in window;
    });
    expect(attacked).toBe(false);
  });

  asked(8, 'allowRunningInsecureContent stays off', () => {
    expect(everyPreference('allowRunningInsecureContent')).toEqual(allWindows().map(() => false));
  });

  asked(9, 'experimentalFeatures stays off', () => {
    expect(everyPreference('experimentalFeatures')).toEqual(allWindows().map(() => false));
  });

  asked(10, 'enableBlinkFeatures is not used', () => {
    for (const window of allWindows()) expect(preferences(window)).not.toHaveProperty('enableBlinkFeatures');
  });

  asked(11, 'there are no webviews, so none can open popups', () => {
    expect(everyPreference('webviewTag')).toEqual(allWindows().map(() => false));
  });

  seen(12, 'a webview that is brought in is not attached', async () => {
    expect(await app.app.attachWebview(app.window.id)).toBe(false);
    expect(await failed.app.attachWebview(failed.problemWindow.id)).toBe(false);
  });

  seen(13, 'a page cannot leave its origin by link, script or form', async () => {
    const targets = [
      `${foreignUrl}/`,
      // What only begins like ours, our other page, and files.
      'https://archon.example.app.standin.invalid/',
      'https://problem.app.standin.invalid/',
    ];
    for (const url of targets) {
      await staysWhen(app.window, (to) => location.assign(to), url);
      await staysWhen(
        app.window,
        (to) => {
          const link = Object.assign(document.createElement('a'), { href: to });
          document.body.append(link);
          link.click();
          link.remove();
        },
        url,
      );
      await staysWhen(
        app.window,
        (to) => {
          const form = Object.assign(document.createElement('form'), { action: to });
          document.body.append(form);
          form.submit();
        },
        url,
      );
    }
    expect(reached).toEqual([]);
    expect(await app.app.mayNavigate(app.window.id, 'file:///etc/passwd', true)).toBe(false);
    expect(await app.app.mayNavigate(app.window.id, 'app://archon/memory', true)).toBe(true);
  });

  seen(13, 'the page that explains a failed start cannot leave, and nobody can go to it', async () => {
    const { app: main, problemWindow } = failed;
    for (const url of [foreignUrl, 'app://archon/', 'app://problem/other']) {
      expect(await main.mayNavigate(problemWindow.id, url, true)).toBe(false);
    }
    expect(await app.app.mayNavigate(app.window.id, 'app://problem/do/quit', true)).toBe(false);
  });

  seen(14, 'no page opens a window', async () => {
    const windows = app.windows.size;
    await app.page.evaluate((url) => window.open(url), foreignUrl);
    expect(await app.app.openWindow(app.window.id, 'app://archon/')).toBe('deny');
    expect(await failed.app.openWindow(failed.problemWindow.id, 'about:blank')).toBe('deny');
    expect(app.windows.size).toBe(windows);
    expect(app.problems).toEqual([]);
    expect(app.opened).toEqual([]);
  });

  seen(15, 'only pages of the list are opened outside, from links and from the bridge', async () => {
    const refused = [
      foreignUrl,
      'https://example.com/',
      'http://redis.io/docs/',
      'https://redis.io.example/docs/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'smb://host/share',
      'archon://memory/x',
    ];
    for (const url of refused) {
      await app.app.openWindow(app.window.id, url);
      const answer = await app.invokeAs(OWN_FRAME, CHANNELS.openExternal, url);
      expect(answer).toMatchObject({ value: { ok: false } });
    }
    expect(app.opened).toEqual([]);
    await app.app.openWindow(app.window.id, 'https://redis.io/docs/latest/');
    await expect.poll(() => app.opened).toEqual([{ kind: 'external', target: 'https://redis.io/docs/latest/' }]);
  });

  asked(16, 'the version of Electron is pinned, and the build is made for it', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/);
    const major = devDependencies.electron.split('.')[0];
    expect(readFileSync(join(ROOT, 'electron.vite.config.ts'), 'utf8')).toContain(`ELECTRON_MAJOR_VER ??= '${major}'`);
  });

  seen(17, 'messages of other origins, of frames and of other windows are refused', async () => {
    const strangers = [
      { url: 'app://archon.example/', is_main: true },
      { url: 'app://problem/', is_main: true },
      { url: 'https://archon/', is_main: true },
      { url: 'about:blank', is_main: true },
      { url: 'app://archon/', is_main: false },
    ];
    for (const frame of strangers) {
      for (const [channel, ...args] of CALLS) {
        const answer = await app.invokeAs(frame, channel, ...args);
        expect(answer).toEqual({ value: { ok: false, message: 'This page may not do that.' } });
      }
      await app.sendAs(frame, CHANNELS.connect);
    }
    for (const [channel, ...args] of CALLS) {
      const answer = await failed.app.invoke(failed.problemWindow.id, OWN_FRAME, channel, args);
      expect(answer).toEqual({ value: { ok: false, message: 'This page may not do that.' } });
    }
    expect([app.clipboard, app.closedPorts, failed.clipboard]).toEqual(['', [], '']);
    // The page itself still has its port: nothing of this closed it.
    expect(await app.page.evaluate(async () => (await window.fixture.client?.health.live())?.status)).toBe('ok');
  });

  seen(17, 'arguments are checked before anything is done with them', async () => {
    const wrong: [channel: string, ...args: unknown[]][] = [
      [CHANNELS.saveExport],
      [CHANNELS.saveExport, '../../etc/passwd'],
      [CHANNELS.showFile, 42],
      [CHANNELS.showFile, ''],
      [CHANNELS.openExternal, { toString: 'https://redis.io/docs/' }],
      [CHANNELS.copyText, ['text']],
      [CHANNELS.copyText, 'text', 'more'],
      [CHANNELS.setTheme, 'neon'],
    ];
    for (const [channel, ...args] of wrong) {
      const answer = await app.invokeAs(OWN_FRAME, channel, ...args);
      expect(answer).toEqual({ value: { ok: false, message: 'That is not a valid request.' } });
    }
    expect(await app.invokeAs(OWN_FRAME, 'archon:anything')).toMatchObject({
      error: expect.stringContaining('No handler'),
    });
    expect(app.clipboard).toBe('');
  });

  asked(18, 'app:// is a standard, secure scheme that bypasses nothing', () => {
    expect(said('protocol.registerSchemesAsPrivileged')).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ]);
  });

  seen(18, 'app:// serves the built page and nothing around it', async () => {
    const paths = ['/..%2f..%2fpackage.json', '/%2e%2e/preload/index.cjs', '/..%5c..%5cpackage.json', '/assets'];
    const answers = await app.page.evaluate(
      async (all) => await Promise.all(all.map(async (path) => (await fetch(path)).text())),
      paths,
    );
    for (const text of answers) expect(text).not.toMatch(/"version"|require\(/);
  });

  // Of an executable this proves nothing: only packaging makes one that has fuses set.
  asked(19, 'the list for packaging turns off what would run foreign code; no executable is looked at', () => {
    expect(FUSES).toEqual({
      RunAsNode: false,
      EnableCookieEncryption: true,
      EnableNodeOptionsEnvironmentVariable: false,
      EnableNodeCliInspectArguments: false,
      EnableEmbeddedAsarIntegrityValidation: true,
      OnlyLoadAppFromAsar: true,
      LoadBrowserProcessSpecificV8Snapshot: false,
      GrantFileProtocolExtraPrivileges: false,
    });
  });

  seen(20, 'the page gets the functions of the bridge, frozen, and plain values from them', async () => {
    const found = await app.page.evaluate(() => {
      const bridge = window.fixture.bridge as unknown as Record<string, unknown>;
      const overwrite = () => {
        bridge.connect = () => {};
      };
      let frozen = false;
      try {
        overwrite();
      } catch {
        frozen = true;
      }
      return {
        functions: Object.keys(bridge).sort(),
        frozen: frozen || String(bridge.connect) !== '() => {}',
        electron: ['electron', 'ipcRenderer', 'contextBridge'].filter((name) => name in window),
      };
    });
    expect(found).toEqual({
      functions: [
        'connect',
        'copyText',
        'onClosing',
        'onCommand',
        'onOpenMemory',
        'onOpenPage',
        'openExternal',
        'pathOf',
        'platform',
        'saveExport',
        'setTheme',
        'showFile',
      ],
      frozen: true,
      electron: [],
    });
    // A listener gets the message, not the event with the sender in it.
    const heard = app.page.evaluate(
      () => new Promise((done) => window.fixture.bridge.onCommand((...args: unknown[]) => done(args))),
    );
    await app.clickMenu(DESKTOP_COMMANDS[0]);
    expect(await heard).toEqual([DESKTOP_COMMANDS[0]]);
  });
});
