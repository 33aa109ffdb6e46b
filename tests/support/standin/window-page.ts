/** A window of the app: a page of Chromium that runs the preload script and asks the app about every way out of it. */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page, Frame as PageFrame, Route } from 'playwright-core';
import type { Remote } from './link.ts';
import { codec } from './page/codec.ts';
import type { AppSide, Frame, WindowLook, WindowRequest } from './sides.ts';

const { pack, unpack } = codec();

/** Chromium knows no scheme of ours: `app://archon/x` travels as `https://archon.app.standin.invalid/x`. */
const HOST_SUFFIX = '.app.standin.invalid';
const toWeb = (url: string): string => url.replace(/^app:\/\/([^/?#]+)/, `https://$1${HOST_SUFFIX}`);
const toApp = (url: string): string => url.replace(/^https:\/\/([^/]+)\.app\.standin\.invalid/, 'app://$1');

/** A file of the page's side, as a script without imports and exports. */
const pageScript = (name: string): string =>
  stripTypeScriptTypes(readFileSync(join(import.meta.dirname, 'page', name), 'utf8')).replaceAll(/^export /gm, '');

export class WindowPage {
  readonly id: number;
  readonly options: Record<string, unknown>;
  readonly problems: string[];
  look: WindowLook;
  /** What the page printed and threw. */
  readonly console: string[] = [];
  readonly #app: Remote<AppSide>;
  readonly #preload: string | undefined;
  readonly #viewport: { width: number; height: number };
  #context: BrowserContext | undefined;
  #page: Page | undefined;
  /** Loads the app itself asked for; nobody asks it about those. */
  #ownLoads = 0;
  /** A test goes where the app would not let anybody. */
  #forced = false;
  /** Messages leave in the order they were sent, once the preload script has run. */
  #outbox: Promise<void> = Promise.resolve();
  #ready = Promise.withResolvers<void>();

  /** Resolved when there is a page. */
  readonly opened: Promise<void>;

  constructor(id: number, request: WindowRequest, app: Remote<AppSide>, problems: string[], browser: Promise<Browser>) {
    this.id = id;
    this.options = request.options;
    this.look = request.look;
    this.problems = problems;
    this.#app = app;
    this.#preload = request.preload;
    this.#viewport = { width: request.look.width, height: request.look.height };
    this.opened = browser.then((running) => this.#open(running));
    this.opened.catch((error) => problems.push(`the window did not open: ${error}`));
  }

  get page(): Page {
    if (this.#page === undefined) throw new Error(`window ${this.id} has no page yet`);
    return this.#page;
  }

  async #open(browser: Browser): Promise<void> {
    const context = await browser.newContext({ viewport: this.#viewport });
    this.#context = context;
    await context.route('**/*', (route) => this.#route(route));
    await this.#newPage(context);
  }

  async load(url: string): Promise<void> {
    await this.opened;
    await this.#loading(() => this.page.goto(toWeb(url), { waitUntil: 'load' }));
  }

  /** As Electron's reload, which also brings a crashed page back. */
  async reload(): Promise<void> {
    const crashed = this.page;
    const url = toApp(crashed.url());
    if (this.#context === undefined) return;
    await this.#newPage(this.#context);
    await crashed.close().catch(() => {});
    await this.load(url);
  }

  /** Goes to a page as if the app had let it. */
  async force(url: string): Promise<void> {
    this.#forced = true;
    try {
      await this.load(url);
    } finally {
      this.#forced = false;
    }
  }

  async close(): Promise<void> {
    await this.opened.catch(() => {});
    await this.#context?.close().catch(() => {});
  }

  post(channel: string, args: unknown[], ports: string[]): void {
    this.#push('message', channel, pack(args), ports);
  }

  postToPort(port: string, data: unknown): void {
    this.#push('port', port, pack(data));
  }

  closePort(port: string): void {
    this.#push('port-close', port, '');
  }

  /** Lets the preload script find the path of a file by its name and size. */
  async knowFile(name: string, size: number, path: string): Promise<void> {
    this.#push('disk-file', `${name}|${size}`, path);
    await this.#outbox;
  }

  #initScript(): string {
    const preload =
      this.#preload === undefined ? 'undefined' : `function (require, module, exports, process) {\n${this.#preload}\n}`;
    return `(() => {
${pageScript('codec.ts')}
${pageScript('page-runtime.ts').replaceAll(/^import .*$/gm, '')}
installPreload(codec(), ${JSON.stringify(process.platform)}, ${preload});
})();`;
  }

  async #newPage(context: BrowserContext): Promise<void> {
    const page = await context.newPage();
    await page.exposeBinding('__standinToMain', ({ frame }, kind: string, name: string, data: string) =>
      this.#fromPage(frame, kind, name, data),
    );
    // After the binding it takes: both run in the order they are added.
    await page.addInitScript({ content: this.#initScript() });
    page.on('load', () => void this.#told(this.#app.pageLoaded(this.id, toApp(page.url()))));
    page.on('crash', () => void this.#told(this.#app.pageCrashed(this.id)));
    page.on('console', (message) => this.console.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.console.push(`uncaught: ${error.message}`));
    const devtools = await context.newCDPSession(page);
    await devtools.send('Page.enable');
    devtools.on('Page.navigatedWithinDocument', ({ url, frameId }) => {
      void devtools
        .send('Page.getFrameTree')
        .then(({ frameTree }) => this.#app.navigationStarted(this.id, toApp(url), frameTree.frame.id === frameId, true))
        .catch(() => {});
    });
    this.#page = page;
  }

  async #route(route: Route): Promise<void> {
    const request = route.request();
    const url = toApp(request.url());
    try {
      if (request.isNavigationRequest() && !(await this.#mayNavigate(request.frame(), url))) {
        return await route.abort('aborted');
      }
      if (!this.#forced && !(await this.#app.mayRequest(url))) return await route.abort('blockedbyclient');
      const answer = await this.#app.fetch(url, request.method(), await request.allHeaders());
      if (request.isNavigationRequest() && request.frame() === this.page.mainFrame()) await this.#navigated(url);
      if (answer === null) return await route.continue();
      await route.fulfill({ status: answer.status, headers: answer.headers, body: Buffer.from(answer.body) });
    } catch (error) {
      // The page or the app went away meanwhile.
      if (this.#page?.isClosed() === false) this.problems.push(`${url}: ${error}`);
      await route.abort('failed').catch(() => {});
    }
  }

  async #mayNavigate(frame: PageFrame, url: string): Promise<boolean> {
    const is_main = frame === this.page.mainFrame();
    const asked = this.#ownLoads === 0 || !is_main;
    if (asked && !this.#forced) return await this.#app.mayNavigate(this.id, url, is_main);
    await this.#app.navigationStarted(this.id, url, is_main, false);
    return true;
  }

  /** Its document is there: the page before is gone, and what is sent from now on is for the new one. */
  async #navigated(url: string): Promise<void> {
    this.#ready = Promise.withResolvers();
    await this.#app.navigated(this.id, url);
  }

  async #fromPage(frame: PageFrame, kind: string, name: string, data: string): Promise<string | undefined> {
    const from: Frame = { url: toApp(frame.url()), is_main: frame.parentFrame() === null };
    switch (kind) {
      case 'ready':
        this.#ready.resolve();
        return;
      case 'invoke':
        return pack(await this.#app.invoke(this.id, from, name, unpack(data) as unknown[]));
      case 'send':
        return void (await this.#app.send(this.id, from, name, unpack(data) as unknown[]));
      case 'port':
        return void (await this.#app.portMessage(name, unpack(data)));
      case 'port-closed':
        return void (await this.#told(this.#app.portClosed(name)));
      case 'open': {
        const action = await this.#app.openWindow(this.id, toApp(name));
        if (action !== 'deny') this.problems.push(`window.open(${name}) was answered with ${action}`);
        return;
      }
      default:
        this.problems.push(`${kind}: ${name}`);
    }
  }

  #push(...message: [kind: string, name: string, data: string, ports?: string[]]): void {
    this.#outbox = this.#outbox.then(async () => {
      await this.#ready.promise;
      await this.page
        .evaluate((args) => {
          (window as unknown as { __standinFromMain(...args: unknown[]): void }).__standinFromMain(...args);
        }, message)
        // It was for a page that is gone.
        .catch(() => {});
    });
  }

  async #loading(load: () => Promise<unknown>): Promise<void> {
    this.#ownLoads += 1;
    try {
      await load();
    } finally {
      this.#ownLoads -= 1;
    }
  }

  /** The app may be gone before it hears of what its window did last. */
  async #told(call: Promise<unknown>): Promise<void> {
    await call.catch(() => {});
  }
}
