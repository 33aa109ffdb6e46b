/**
 * The desktop app without Electron: its *built* main bundle runs in a process of Node with `electron` replaced, its window
 * is a page of a real Chromium, and this process plays the desktop around it.
 *
 * What it cannot show: the isolated world of the preload script, the sandbox of the operating system, the scheme `app://`
 * itself, and how menu, tray and dialogs look.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { childEnvironment } from '../child-environment.ts';
import { launchChromium } from '../chromium.ts';
import { type AppCopy, copyApp } from './app-copy.ts';
import { connectSides, type Remote } from './link.ts';
import type { AppSide, DesktopSide, DialogAnswer, Frame, MenuLook, WindowLook } from './sides.ts';
import { WindowPage } from './window-page.ts';

export interface StartDesktopOptions {
  /** Data folder; without one the app chooses, inside a folder that goes away with the desktop. */
  dataDir?: string | undefined;
  env?: Record<string, string>;
  argv?: string[];
  /** Folder of a built renderer to show instead of the real one. */
  renderer?: string;
  /** Electron's own folders; given again to start a second time where the first ended. */
  home?: string;
}

const CANCELLED: Record<string, DialogAnswer> = {
  message: { response: 0, checkboxChecked: false },
  open: { canceled: true, filePaths: [] },
  save: { canceled: true },
  error: {},
};

/** What a test sees of the app and does to it as a person would. */
export class StandinDesktop {
  readonly windows = new Map<number, WindowPage>();
  readonly notifications: { id: number; title: string; body: string }[] = [];
  readonly dialogs: { kind: string; options: Record<string, unknown> }[] = [];
  readonly opened: { kind: string; target: string }[] = [];
  /** What the app asked of Electron that has no effect here: what, and with which value. */
  readonly asked: { what: string; value: unknown }[] = [];
  readonly closedPorts: string[] = [];
  /** Faults of the app's page or of the stand-in: no test expects one. */
  readonly problems: string[] = [];
  menu: MenuLook[] = [];
  tray: { tool_tip: string; items: MenuLook[]; icon: Uint8Array } | null = null;
  clipboard = '';
  readonly home: string;
  readonly app: Remote<AppSide>;
  readonly exited: Promise<number | null>;
  readonly #answers: DialogAnswer[] = [];
  readonly #options: StartDesktopOptions;
  readonly #copy: AppCopy;
  readonly #child: ChildProcess;
  readonly #ownHome: boolean;
  readonly #closing: Promise<void>[] = [];
  /** Which window a port was given to. */
  readonly #ports = new Map<string, WindowPage>();
  /** Resolved when the first window has loaded its page. */
  readonly #shown = Promise.withResolvers<void>();
  #stderr = '';

  private constructor(options: StartDesktopOptions) {
    this.#options = options;
    this.#ownHome = options.home === undefined;
    this.home = options.home ?? mkdtempSync(join(tmpdir(), 'archon-desktop-'));
    mkdirSync(this.home, { recursive: true });
    this.#copy = copyApp(options.renderer);
    this.#child = this.#start(options.argv ?? [], {});
    this.app = connectSides<AppSide>(channelOf(this.#child), this.#side());
    this.exited = ended(this.#child);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
  }

  /** Starts the app and waits until it shows a page. */
  static async start(options: StartDesktopOptions): Promise<StandinDesktop> {
    const desktop = new StandinDesktop(options);
    const first = await Promise.race([desktop.#shown.promise, desktop.exited]);
    if (first === undefined) return desktop;
    await desktop.#gone();
    throw new Error(`the app ended with ${first}: ${desktop.stderr}`);
  }

  /** The app's page. Throws while there is none. */
  get page(): Page {
    return this.window.page;
  }

  get window(): WindowPage {
    const found = [...this.windows.values()].find(({ options }) => isMainWindow(options));
    if (found === undefined) throw new Error(`the app has no window. ${this.#stderr}`);
    return found;
  }

  /** The window that explains why the app did not start. */
  get problemWindow(): WindowPage {
    const found = [...this.windows.values()].find(({ options }) => !isMainWindow(options));
    if (found === undefined) throw new Error(`the app shows no problem. ${this.#stderr}`);
    return found;
  }

  /** Waits for the window with the app's page. */
  async waitForMain(): Promise<WindowPage> {
    return await this.#waitForWindow(isMainWindow);
  }

  /** Waits for the window that explains why the app did not start. */
  async waitForProblem(): Promise<WindowPage> {
    return await this.#waitForWindow((options) => !isMainWindow(options));
  }

  get look(): WindowLook {
    return this.window.look;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What the next dialog is answered with; without this it is cancelled. */
  answerDialog(answer: DialogAnswer): void {
    this.#answers.push(answer);
  }

  async clickMenu(id: string): Promise<void> {
    await this.app.clickMenu(id);
  }

  async clickTrayItem(label: string): Promise<void> {
    await this.app.clickTrayItem(label);
  }

  /** The window's own close button. */
  async closeWindow(): Promise<void> {
    await this.app.windowAction(this.window.id, 'close');
  }

  /** Starts the app again beside the first. @returns its exit code */
  async secondInstance(argv: string[] = []): Promise<number | null> {
    const second = this.#start(argv, { STANDIN_SECOND: '1' });
    connectSides<AppSide>(channelOf(second), this.#side());
    // The operating system hands the command line over while the second process asks for the lock.
    await this.app.secondInstance([process.execPath, this.#copy.bundle, ...argv]);
    return await ended(second);
  }

  /** Sends a message as some frame of the main window. */
  async sendAs(frame: Frame, channel: string, ...args: unknown[]): Promise<void> {
    await this.app.send(this.window.id, frame, channel, args);
  }

  async invokeAs(frame: Frame, channel: string, ...args: unknown[]): Promise<{ value: unknown } | { error: string }> {
    return await this.app.invoke(this.window.id, frame, channel, args);
  }

  /** Chooses a file of the disk, so that the app can find its path. */
  async chooseFile(input: Locator, path: string): Promise<void> {
    await this.window.knowFile(basename(path), statSync(path).size, path);
    await input.setInputFiles(path);
  }

  /** Quits as a person does, and cleans up. @returns the exit code */
  async quit(): Promise<number | null> {
    if (this.#isAlive) await this.app.quit().catch(() => {});
    return await this.#gone();
  }

  /** Ends it without asking, for cleaning up after a test whatever it left. */
  async kill(): Promise<void> {
    if (this.#isAlive) this.#child.kill('SIGKILL');
    await this.#gone();
  }

  async #waitForWindow(isWanted: (options: Record<string, unknown>) => boolean): Promise<WindowPage> {
    for (;;) {
      const found = [...this.windows.values()].find(({ options }) => isWanted(options));
      if (found !== undefined) {
        await found.opened;
        return found;
      }
      if (!this.#isAlive) throw new Error(`the app ended before it had such a window. ${this.#stderr}`);
      await new Promise((tick) => setTimeout(tick, 20));
    }
  }

  get #isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async #gone(): Promise<number | null> {
    const code = await this.exited;
    await Promise.all([...this.windows.values()].map((window) => window.close()));
    await Promise.all(this.#closing);
    this.windows.clear();
    this.#copy.remove();
    if (this.#ownHome) rmSync(this.home, { recursive: true, force: true });
    return code;
  }

  #start(argv: string[], more: Record<string, string>): ChildProcess {
    const { dataDir, env = {} } = this.#options;
    // Its session bus is ours: a test says whether the desktop shows tray icons.
    const programs = join(import.meta.dirname, 'programs');
    const environment = childEnvironment();
    return fork(join(import.meta.dirname, 'main.ts'), [this.#copy.bundle, ...argv], {
      cwd: this.home,
      execArgv: ['--import', join(import.meta.dirname, 'register.ts')],
      env: {
        ...environment,
        PATH: `${programs}${delimiter}${environment.PATH}`,
        STANDIN_HOME: this.home,
        ARCHON_PORT: '0',
        ...(dataDir === undefined ? {} : { ARCHON_DATA_DIR: dataDir }),
        ...env,
        ...more,
      },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
  }

  #side(): DesktopSide {
    return {
      createWindow: (id, request) => {
        this.windows.set(id, new WindowPage(id, request, this.app, this.problems, launchChromium()));
      },
      loadUrl: async (id, url) => {
        await this.windows.get(id)?.load(url);
        this.#shown.resolve();
      },
      reload: async (id) => await this.windows.get(id)?.reload(),
      destroyWindow: (id) => {
        const window = this.windows.get(id);
        this.windows.delete(id);
        if (window !== undefined) this.#closing.push(window.close());
      },
      windowChanged: (id, look) => {
        const window = this.windows.get(id);
        if (window !== undefined) window.look = look;
      },
      postToPage: (id, channel, args, ports) => {
        const window = this.windows.get(id);
        if (window === undefined) return;
        for (const port of ports) this.#ports.set(port, window);
        window.post(channel, args, ports);
      },
      portMessage: (port, data) => this.#ports.get(port)?.postToPort(port, data),
      portClosed: (port) => {
        this.closedPorts.push(port);
        this.#ports.get(port)?.closePort(port);
      },
      menuSet: (items) => {
        this.menu = items;
      },
      traySet: (tray) => {
        this.tray = tray;
      },
      notified: (id, notification) => void this.notifications.push({ id, ...notification }),
      dialog: (kind, options) => {
        this.dialogs.push({ kind, options: options as Record<string, unknown> });
        return this.#answers.shift() ?? CANCELLED[kind] ?? {};
      },
      opened: (kind, target) => void this.opened.push({ kind, target }),
      copied: (text) => {
        this.clipboard = text;
      },
      asked: (what, value) => void this.asked.push({ what, value }),
    };
  }
}

const isMainWindow = (options: Record<string, unknown>): boolean =>
  (options.webPreferences as { preload?: string } | undefined)?.preload !== undefined;

const channelOf = (child: ChildProcess) => ({
  send: (message: unknown) => {
    if (child.connected) child.send(message as object);
  },
  onMessage: (listener: (message: unknown) => void) => {
    child.on('message', listener);
  },
});

async function ended(child: ChildProcess): Promise<number | null> {
  return await new Promise((resolve) => child.once('close', (code) => resolve(code)));
}

export async function startDesktop(options: StartDesktopOptions = {}): Promise<StandinDesktop> {
  return await StandinDesktop.start(options);
}
