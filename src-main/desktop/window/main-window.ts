/** The one window: made, remembered, hidden to the tray, and told things. */
import type { BrowserWindow, BrowserWindowConstructorOptions, Screen, WebContents } from 'electron';
import type { DesktopSettings } from '../desktop-settings.ts';
import { APP_NAME } from '../identity.ts';
import { securePreferences } from '../security/web-preferences.ts';
import { initialBounds, MIN_SIZE } from './window-state.ts';

/** Shown until the page paints: the page's own background, so that nothing flashes. */
const BACKGROUND = { dark: '#0b0a12', light: '#ffffff' };
/** Milliseconds without another move before the place of the window is written down. */
const REMEMBER_AFTER_MS = 500;

/** What closing the window does. While Archon is closing, the window stays to say so. */
export type CloseAction = 'hide' | 'minimize' | 'stay';

export interface MainWindowOptions {
  create: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  screen: Pick<Screen, 'getAllDisplays' | 'getPrimaryDisplay'>;
  settings: DesktopSettings;
  preload: string;
  url: string;
  dark: boolean;
  onClose: () => Promise<CloseAction>;
  onHidden: () => void;
  /** The person turned to the window or away from it. */
  onAttention: () => void;
  onPage: (page: WebContents, window: BrowserWindow) => void;
  onLoadFailed: (error: unknown) => void;
}

export class MainWindow {
  readonly #options: MainWindowOptions;
  readonly #window: BrowserWindow;
  #loaded = false;
  #shown = false;
  #unsent: { channel: string; message: unknown }[] = [];
  #remembering: NodeJS.Timeout | undefined;

  constructor(options: MainWindowOptions) {
    const { screen, settings, dark } = options;
    this.#options = options;
    const saved = settings.get('window');
    this.#window = options.create({
      ...initialBounds(saved, screen.getAllDisplays(), screen.getPrimaryDisplay()),
      minWidth: MIN_SIZE.width,
      minHeight: MIN_SIZE.height,
      show: false,
      title: APP_NAME,
      backgroundColor: dark ? BACKGROUND.dark : BACKGROUND.light,
      darkTheme: dark,
      webPreferences: securePreferences(options.preload),
    });
    if (saved?.maximized) this.#window.maximize();
    this.#watchWindow();
    this.#watchPage();
    options.onPage(this.#window.webContents, this.#window);
    this.#window.loadURL(options.url).catch(options.onLoadFailed);
  }

  /** The window, until it is destroyed. */
  get window(): BrowserWindow | undefined {
    return this.#window.isDestroyed() ? undefined : this.#window;
  }

  get page(): WebContents | undefined {
    return this.window?.webContents;
  }

  /** A person looks at it now. */
  get isAttended(): boolean {
    const window = this.window;
    if (window === undefined) return false;
    return window.isVisible() && !window.isMinimized() && window.isFocused();
  }

  /** Brings it to the front. */
  show(): void {
    const window = this.window;
    if (window === undefined) return;
    this.#shown = true;
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  /** Sends a message to the page, as soon as there is one. */
  send(channel: string, message?: unknown): void {
    if (this.#loaded) this.page?.send(channel, message);
    else this.#unsent.push({ channel, message });
  }

  destroy(): void {
    this.window?.destroy();
  }

  #watchWindow(): void {
    const window = this.#window;
    window.once('ready-to-show', () => this.show());
    for (const event of ['resize', 'move', 'maximize', 'unmaximize'] as const) {
      // The overloads of `on` name one event each.
      window.on(event as 'resize', () => this.#rememberSoon());
    }
    for (const event of ['focus', 'blur', 'show', 'hide', 'minimize', 'restore'] as const) {
      window.on(event as 'focus', () => this.#options.onAttention());
    }
    window.on('close', (event) => {
      this.#remember();
      event.preventDefault();
      void this.#close();
    });
    window.on('closed', () => clearTimeout(this.#remembering));
  }

  async #close(): Promise<void> {
    const action = await this.#options.onClose();
    if (action === 'minimize') this.window?.minimize();
    if (action !== 'hide' || this.window === undefined) return;
    this.window.hide();
    this.#options.onHidden();
  }

  #watchPage(): void {
    const page = this.#window.webContents;
    const gone = () => {
      this.#loaded = false;
    };
    // Not when a navigation begins: it may be refused, and the page stays as it is.
    page.on('did-navigate', gone);
    page.on('render-process-gone', () => {
      gone();
      // It will never be ready to be shown, and nobody would see what is asked about it.
      if (!this.#shown) this.show();
    });
    page.on('did-finish-load', () => {
      this.#loaded = true;
      for (const { channel, message } of this.#unsent.splice(0)) page.send(channel, message);
    });
  }

  #rememberSoon(): void {
    clearTimeout(this.#remembering);
    this.#remembering = setTimeout(() => this.#remember(), REMEMBER_AFTER_MS);
  }

  #remember(): void {
    const window = this.window;
    if (window === undefined || window.isMinimized() || window.isFullScreen()) return;
    const { x, y, width, height } = window.getNormalBounds();
    this.#options.settings.set('window', { x, y, width, height, maximized: window.isMaximized() });
  }
}
