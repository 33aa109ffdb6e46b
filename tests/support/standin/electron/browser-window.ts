import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { WindowLook } from '../sides.ts';
import { app } from './app.ts';
import { CancelableEvent } from './cancelable.ts';
import { desktop, offer, tell } from './desktop-link.ts';
import { WebContents } from './web-contents.ts';

interface Options {
  x?: number;
  y?: number;
  width?: number;
  height?: number;
  title?: string;
  webPreferences?: { preload?: string; nodeIntegration?: boolean; contextIsolation?: boolean; sandbox?: boolean };
}

let last = 0;
const windows = new Map<number, BrowserWindow>();

export class BrowserWindow extends EventEmitter {
  readonly id: number;
  readonly webContents: WebContents;
  readonly #look: WindowLook;
  #destroyed = false;

  static getAllWindows(): BrowserWindow[] {
    return [...windows.values()];
  }

  constructor(options: Options = {}) {
    super();
    if (!app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    const { webPreferences = {} } = options;
    if (
      webPreferences.nodeIntegration ||
      webPreferences.contextIsolation === false ||
      webPreferences.sandbox === false
    ) {
      throw new Error('the stand-in has no window that is not isolated and sandboxed');
    }
    last += 1;
    this.id = last;
    windows.set(this.id, this);
    this.#look = {
      x: options.x ?? 0,
      y: options.y ?? 0,
      width: options.width ?? 800,
      height: options.height ?? 600,
      visible: false,
      focused: false,
      minimized: false,
      maximized: false,
      title: options.title ?? '',
    };
    this.webContents = new WebContents(this);
    const preload = webPreferences.preload === undefined ? undefined : readFileSync(webPreferences.preload, 'utf8');
    tell(desktop.createWindow(this.id, { look: this.#look, options: structuredClone(options) as never, preload }));
  }

  async loadURL(url: string): Promise<void> {
    await desktop.loadUrl(this.id, url);
  }

  show(): void {
    this.#change({ visible: true, focused: true }, 'show');
  }

  hide(): void {
    this.#change({ visible: false, focused: false }, 'hide');
  }

  focus(): void {
    this.#change({ focused: true }, 'focus');
  }

  blur(): void {
    this.#change({ focused: false }, 'blur');
  }

  minimize(): void {
    this.#change({ minimized: true, focused: false }, 'minimize');
  }

  restore(): void {
    this.#change({ minimized: false }, 'restore');
  }

  maximize(): void {
    this.#change({ maximized: true }, 'maximize');
  }

  setBounds(bounds: { x: number; y: number; width: number; height: number }): void {
    this.#change(bounds, 'move');
    this.emit('resize');
  }

  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    const { x, y, width, height } = this.#look;
    return { x, y, width, height };
  }

  isVisible(): boolean {
    return this.#look.visible;
  }

  isFocused(): boolean {
    return this.#look.focused;
  }

  isMinimized(): boolean {
    return this.#look.minimized;
  }

  isMaximized(): boolean {
    return this.#look.maximized;
  }

  isFullScreen(): boolean {
    return false;
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  close(): void {
    const event = new CancelableEvent();
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    windows.delete(this.id);
    tell(desktop.destroyWindow(this.id));
    this.webContents.forget();
    this.emit('closed');
    if (windows.size === 0 && !app.emit('window-all-closed')) app.quit();
  }

  #change(look: Partial<WindowLook>, event: string): void {
    if (this.#destroyed) throw new TypeError('Object has been destroyed');
    Object.assign(this.#look, look);
    tell(desktop.windowChanged(this.id, { ...this.#look }));
    this.emit(event);
  }
}

app.windows = { all: () => BrowserWindow.getAllWindows() };

offer({
  windowAction: (window, action) => windows.get(window)?.[action](),
  moveWindow: (window, bounds) => windows.get(window)?.setBounds(bounds),
});
