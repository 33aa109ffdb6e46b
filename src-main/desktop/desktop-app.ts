/** The desktop app: puts the shell together around the engine, from the first start to the last window. */
import { join } from 'node:path';
import type { BrowserWindow, Menu as ElectronMenu, WebContents } from 'electron';
import type { Logger } from 'pino';
import type { DesktopCommand } from '../../src-contract/index.ts';
import { appRoot } from '../app-files.ts';
import { runChecks } from '../doctor/run-checks.ts';
import { appMenu } from './app-menu.ts';
import { bridgeActions } from './bridge/bridge-actions.ts';
import { listenForCalls } from './bridge/bridge-calls.ts';
import { CHANNELS } from './bridge/channels.ts';
import { PortBridge } from './bridge/port-bridge.ts';
import { parseDeepLink } from './deep-links.ts';
import { DesktopSettings } from './desktop-settings.ts';
import type { ElectronApi } from './electron-api.ts';
import { EngineLife } from './engine-life.ts';
import { GracefulQuit } from './graceful-quit.ts';
import { APP_NAME } from './identity.ts';
import { DESKTOP_SCOPE } from './local-engine.ts';
import { OpsNotifications } from './ops-notifications.ts';
import { APP_ORIGIN, APP_SCHEME, trustedOrigin } from './origins.ts';
import { ProblemWindow } from './problem/problem-window.ts';
import { createAppProtocol } from './protocol/app-protocol.ts';
import { electronKeyring } from './secrets/electron-keyring.ts';
import { ExternalLinks } from './security/external-links.ts';
import { TransferNotifications } from './transfer-notifications.ts';
import { StatusTray } from './tray.ts';
import { trayHost } from './tray-host.ts';
import { type CloseAction, MainWindow } from './window/main-window.ts';
import { logChildProcesses, offerReload } from './window/page-failures.ts';

export interface DesktopAppOptions {
  electron: ElectronApi;
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  working_dir: string;
  /** Folder of the bundle; the preload script and the renderer lie beside it. */
  bundle_dir: string;
}

export class DesktopApp {
  readonly links: ExternalLinks;
  readonly dev_server_origin: string | undefined;
  readonly trusted_origin: string;
  readonly #options: DesktopAppOptions;
  readonly #electron: ElectronApi;
  readonly #page_url: string;
  readonly #quit: GracefulQuit;
  readonly #bridge: PortBridge;
  readonly #problem: ProblemWindow;
  readonly #notifications: TransferNotifications;
  readonly #alerts: OpsNotifications;
  readonly #settings: DesktopSettings;
  readonly #engine: EngineLife;
  #failed = false;
  /** What a link asked for and no page was told yet. */
  #wanted_memory_id: string | undefined;
  #main: MainWindow | undefined;
  #tray: StatusTray | undefined;

  constructor(options: DesktopAppOptions) {
    const { electron, env, working_dir } = options;
    this.#options = options;
    this.#electron = electron;
    const dev_server_url = env.ELECTRON_RENDERER_URL;
    this.trusted_origin = trustedOrigin({ packaged: electron.app.isPackaged, dev_server_url });
    this.dev_server_origin = this.trusted_origin === APP_ORIGIN ? undefined : this.trusted_origin;
    this.#page_url = this.dev_server_origin === undefined ? `${APP_ORIGIN}/` : `${dev_server_url}`;
    const user_data_dir = electron.app.getPath('userData');
    this.#settings = new DesktopSettings(user_data_dir, (error) =>
      this.logger.warn({ err: error }, 'what the app remembers of this computer could not be written'),
    );
    this.#engine = new EngineLife({
      env,
      working_dir,
      user_data_dir,
      settings: this.#settings,
      keyring: electronKeyring(electron.safeStorage, options.platform),
      onRunning: () => this.#onRunning(),
      onSwitched: () => this.#onSwitched(),
      onFailed: (error) => this.#onFailed(error),
    });
    const logger = () => this.logger;
    this.links = new ExternalLinks({
      open: (url) => electron.shell.openExternal(url),
      apiUrl: () => this.#engine.running?.api.url ?? null,
    });
    this.#quit = new GracefulQuit({
      app: electron.app,
      tell: () => {
        this.#main?.send(CHANNELS.closing);
        this.#tray?.tellOfClosing();
      },
      stop: () => this.#stop(),
      logger,
    });
    this.#bridge = new PortBridge({
      ipcMain: electron.ipcMain,
      createChannel: () => new electron.MessageChannelMain(),
      page: () => this.#main?.page,
      trusted_origin: this.trusted_origin,
      context: () => this.#engine.running?.context,
      logger,
    });
    this.#problem = this.#createProblemWindow();
    this.#notifications = new TransferNotifications({
      jobs: () => this.#engine.running?.services.transfer.list(DESKTOP_SCOPE) ?? [],
      isAttended: () => this.#main?.isAttended ?? false,
      notify: (title, body) => this.#notify(title, body),
      onError: (error) => this.logger.warn({ err: error }, 'imports and exports could not be looked at'),
    });
    this.#alerts = new OpsNotifications({
      notify: (title, body, onClick) => this.#notify(title, body, onClick),
      openPage: (path) => this.#openPage(path),
      onError: (error) => this.logger.warn({ err: error }, 'an alert could not be shown as a notification'),
    });
  }

  get logger(): Logger {
    return this.#engine.logger;
  }

  /** To be called once Electron is ready. */
  async start(): Promise<void> {
    const { app, ipcMain, protocol } = this.#electron;
    this.#electron.nativeTheme.themeSource = this.#settings.get('theme') ?? 'dark';
    const renderer_dir = join(this.#options.bundle_dir, '..', 'renderer');
    protocol.handle(
      APP_SCHEME,
      createAppProtocol({ renderer_dir, problemFile: (pathname) => this.#problem.file(pathname) }),
    );
    this.#bridge.listen();
    listenForCalls({
      ipcMain,
      page: () => this.#main?.page,
      trusted_origin: this.trusted_origin,
      actions: bridgeActions({
        electron: this.#electron,
        settings: this.#settings,
        links: this.links,
        window: () => this.#main?.window,
        engine: () => this.#engine.require(),
      }),
      logger: () => this.logger,
    });
    this.#quit.listen();
    logChildProcesses(app, () => this.logger);
    app.on('activate', () => this.showWindow());
    // Electron would quit. Windows decide that themselves when they are closed.
    app.on('window-all-closed', () => {});
    this.#setMenu();
    this.#tray = this.#createTray();
    this.#tray?.watch();
    // At once, so that the page loads while the engine starts; it waits for its port.
    this.#openMain();
    await this.#startEngine();
  }

  /** Brings the window to the front, whichever is there. */
  showWindow(): void {
    if (this.#main?.window !== undefined) this.#main.show();
    else if (this.#problem.window !== undefined) this.#problem.focus();
    else if (this.#engine.running) this.#openMain();
  }

  /** An error nobody handled leaves the app in a state nobody knows: it ends, in order. */
  fail(error: unknown): void {
    this.logger.fatal({ err: error }, 'an error nobody handled');
    // What fails after the first error mostly fails because of it.
    if (this.#failed) return;
    this.#failed = true;
    this.#electron.dialog.showErrorBox('Archon has to close', error instanceof Error ? error.message : String(error));
    this.#quit.fail();
  }

  /** Shows a memory, for a link of another program. */
  openLink(link: string): void {
    const memory_id = parseDeepLink(link);
    if (memory_id !== undefined) this.openMemory(memory_id);
  }

  /** Links may come before there is a window (macOS) and while the problem window is up: then it is shown later. */
  openMemory(memory_id: string): void {
    this.#wanted_memory_id = memory_id;
    this.showWindow();
    this.#sendWantedMemory();
  }

  /** Not before the engine runs: a start that fails takes the window along. */
  #sendWantedMemory(): void {
    if (!this.#engine.running || this.#main?.window === undefined || this.#wanted_memory_id === undefined) return;
    this.#main.send(CHANNELS.openMemory, this.#wanted_memory_id);
    this.#wanted_memory_id = undefined;
  }

  async #startEngine(): Promise<void> {
    await this.#engine.start();
    await this.#tray?.refresh();
  }

  #onRunning(): void {
    if (this.#quit.isQuitting) return;
    this.#bridge.engineStarted();
    this.#sendWantedMemory();
    this.#notifications.start();
    this.#alerts.follow(this.#engine.require().services.ops);
    if (this.#options.env.ARCHON_DEMO !== '1') return;
    this.#engine
      .require()
      .loadDemo()
      .catch((error) => this.logger.error({ err: error }, 'the demo data could not be loaded'));
  }

  /** Another engine has taken over: what is to be heard of is heard of there. */
  #onSwitched(): void {
    this.#bridge.engineSwitched();
    if (this.#engine.running) this.#alerts.follow(this.#engine.running.services.ops);
  }

  #onFailed(error: unknown): void {
    if (this.#quit.isQuitting) return;
    this.#problem.show(error);
    this.#main?.destroy();
    this.#main = undefined;
  }

  /** From the problem window, which stays until it goes better. */
  async #retry(): Promise<void> {
    await this.#startEngine();
    if (!this.#engine.running || this.#problem.window === undefined) return;
    this.#problem.close();
    this.#openMain();
  }

  /** Everything that must be whole before the process ends. */
  async #stop(): Promise<void> {
    this.#notifications.stop();
    this.#alerts.stop();
    this.#bridge.close();
    await this.#engine.stop();
    this.#tray?.destroy();
  }

  #openMain(): void {
    const { BrowserWindow, dialog, screen, nativeTheme } = this.#electron;
    this.#main = new MainWindow({
      create: (options) => new BrowserWindow(options),
      screen,
      settings: this.#settings,
      preload: join(this.#options.bundle_dir, '..', 'preload', 'index.cjs'),
      url: this.#page_url,
      dark: nativeTheme.shouldUseDarkColors,
      onClose: () => this.#onClose(),
      onHidden: () => this.#tellOfTray(),
      onAttention: () => this.#notifications.look(),
      onPage: (page: WebContents, window: BrowserWindow) => {
        this.#bridge.watch(page);
        offerReload(page, window, { dialog, logger: () => this.logger, quit: () => this.#electron.app.quit() });
      },
      onLoadFailed: (error) => this.logger.error({ err: error }, 'the page of the window did not load'),
    });
    this.#sendWantedMemory();
  }

  /** The window hides when there is another way back to it, else Archon ends with it. */
  async #onClose(): Promise<CloseAction> {
    if (this.#quit.isQuitting) return 'stay';
    if (this.#options.platform === 'darwin') return 'hide';
    const host = this.#tray === undefined ? 'missing' : await trayHost(this.#options.platform);
    if (host === 'there') return 'hide';
    // Either answer would be wrong where it is not known: the window would be lost, or agents their server.
    if (host === 'unknown') return 'minimize';
    this.logger.info('nothing here shows a tray icon; closing the window ends Archon');
    this.#electron.app.quit();
    return 'stay';
  }

  #tellOfTray(): void {
    if (this.#quit.isQuitting || this.#tray === undefined || this.#settings.get('told_of_tray')) return;
    this.#settings.set('told_of_tray', true);
    this.#notify('Archon is still running', 'Agents can go on using it. The icon in the tray opens or quits it.');
  }

  #notify(title: string, body: string, onClick: () => void = () => this.showWindow()): void {
    const { Notification } = this.#electron;
    if (!Notification.isSupported()) return;
    const notification = new Notification({ title, body });
    notification.on('click', onClick);
    notification.show();
  }

  #openPage(path: string): void {
    this.showWindow();
    this.#main?.send(CHANNELS.openPage, path);
  }

  #command(command: DesktopCommand): void {
    this.showWindow();
    this.#main?.send(CHANNELS.command, command);
  }

  #setMenu(): void {
    const { Menu, app, shell } = this.#electron;
    const template = appMenu({
      platform: this.#options.platform,
      development: !app.isPackaged,
      command: (command) => this.#command(command),
      quit: () => app.quit(),
      openApiReference: () => void this.#openApiReference(),
      openDocumentation: () => void shell.openPath(join(appRoot, 'docs')),
      openLogs: () => void shell.openPath(this.#engine.logs_dir),
    });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  }

  async #openApiReference(): Promise<void> {
    const { dialog } = this.#electron;
    const api = this.#engine.running?.api;
    if (api?.url) await this.links.open(`${api.url}/api/docs`);
    else {
      dialog.showErrorBox(
        'The API reference is not there',
        api?.problem ?? 'Archon is not running; it is served by the HTTP API.',
      );
    }
  }

  #createTray(): StatusTray | undefined {
    const { Menu, Tray, nativeImage, app } = this.#electron;
    return StatusTray.create({
      createTray: (icon) => new Tray(icon),
      createImage: (png, scaleFactor) => nativeImage.createFromBuffer(png, { scaleFactor }),
      buildMenu: (template): ElectronMenu => Menu.buildFromTemplate(template),
      status: () => this.#engine.status(),
      show: () => this.showWindow(),
      command: (command) => this.#command(command),
      quit: () => app.quit(),
      logger: () => this.logger,
    });
  }

  #createProblemWindow(): ProblemWindow {
    const { BrowserWindow, app, dialog, shell } = this.#electron;
    return new ProblemWindow({
      create: (options) => new BrowserWindow(options),
      dataDir: () => this.#engine.data_dir,
      runChecks: async () => await runChecks({ config: this.#engine.config() }),
      retry: () => void this.#retry(),
      openLogs: () => void shell.openPath(this.#engine.logs_dir),
      chooseFolder: async () => {
        const { canceled, filePaths } = await dialog.showOpenDialog({
          title: `Data folder of ${APP_NAME}`,
          properties: ['openDirectory', 'createDirectory'],
        });
        const [folder] = filePaths;
        if (canceled || folder === undefined) return;
        this.#engine.chooseDataDir(folder);
        await this.#retry();
      },
      quit: () => app.quit(),
      onError: (error) => this.logger.error({ err: error }, 'the problem window failed'),
    });
  }
}
