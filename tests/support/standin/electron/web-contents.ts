import { EventEmitter } from 'node:events';
import type { Frame } from '../sides.ts';
import { app } from './app.ts';
import type { BrowserWindow } from './browser-window.ts';
import { CancelableEvent } from './cancelable.ts';
import { desktop, offer, tell } from './desktop-link.ts';
import { ipcMain } from './ipc-main.ts';
import type { MessagePortMain } from './message-ports.ts';
import { session } from './session.ts';

/** Scheme, host and port; `app:` is a standard scheme here, which Node's URL does not know. */
function originOf(url: string): string {
  if (!URL.canParse(url)) return 'null';
  const { protocol, host, origin } = new URL(url);
  return protocol === 'app:' ? `${protocol}//${host}` : origin;
}

class WebFrameMain {
  readonly parent: WebFrameMain | null;
  url = '';
  readonly #contents: WebContents;

  constructor(contents: WebContents, parent: WebFrameMain | null) {
    this.#contents = contents;
    this.parent = parent;
  }

  get origin(): string {
    return originOf(this.url);
  }

  postMessage(channel: string, message: unknown, transfer: MessagePortMain[] = []): void {
    this.#contents.postMessage(channel, message, transfer);
  }
}

export class WebContents extends EventEmitter {
  readonly id: number;
  readonly mainFrame: WebFrameMain;
  readonly session = session.defaultSession;
  readonly #window: BrowserWindow;
  #openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  /** What the window shows first is told once. */
  #shownBefore = false;

  constructor(window: BrowserWindow) {
    super();
    this.id = window.id;
    this.#window = window;
    this.mainFrame = new WebFrameMain(this, null);
    contents.set(this.id, this);
    app.emit('web-contents-created', {}, this);
  }

  getURL(): string {
    return this.mainFrame.url;
  }

  isDestroyed(): boolean {
    return this.#window.isDestroyed();
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.#openHandler = handler;
  }

  send(channel: string, ...args: unknown[]): void {
    tell(desktop.postToPage(this.id, channel, structuredClone(args), []));
  }

  postMessage(channel: string, message: unknown, transfer: MessagePortMain[] = []): void {
    const ports = transfer.map((port) => port.transfer());
    tell(desktop.postToPage(this.id, channel, [structuredClone(message)], ports));
  }

  reload(): void {
    tell(desktop.reload(this.id));
  }

  openWindow(url: string): string {
    return this.#openHandler({ url }).action;
  }

  loaded(url: string): void {
    this.mainFrame.url = url;
    this.emit('did-finish-load');
    if (this.#shownBefore) return;
    this.#shownBefore = true;
    this.#window.emit('ready-to-show');
  }

  /** Electron tells of the start before it asks, also when the navigation is then refused. */
  mayNavigate(url: string, is_main: boolean): boolean {
    this.navigationStarted(url, is_main, false);
    const event = new CancelableEvent({ url, isMainFrame: is_main });
    if (is_main) this.emit('will-navigate', event);
    this.emit('will-frame-navigate', event);
    return !event.defaultPrevented;
  }

  navigationStarted(url: string, isMainFrame: boolean, isSameDocument: boolean): void {
    this.emit('did-start-navigation', { url, isMainFrame, isSameDocument });
    if (!isSameDocument) return;
    this.mainFrame.url = url;
    this.emit('did-navigate-in-page', {}, url, isMainFrame);
  }

  /** The top frame shows another document from now on. */
  navigated(url: string): void {
    this.mainFrame.url = url;
    this.emit('did-navigate', {}, url, 200, 'OK');
  }

  /** The event a message of the page comes with. */
  eventOf({ url, is_main }: Frame): object {
    if (is_main) this.mainFrame.url = url;
    const frame = is_main ? this.mainFrame : new WebFrameMain(this, this.mainFrame);
    if (!is_main) frame.url = url;
    return { sender: this, senderFrame: frame, ports: [] };
  }

  forget(): void {
    contents.delete(this.id);
    this.emit('destroyed');
  }
}

const contents = new Map<number, WebContents>();

function of(window: number): WebContents {
  const found = contents.get(window);
  if (found === undefined) throw new Error(`window ${window} is gone`);
  return found;
}

offer({
  mayNavigate: (window, url, is_main) => of(window).mayNavigate(url, is_main),
  navigationStarted: (window, url, is_main, same_document) => of(window).navigationStarted(url, is_main, same_document),
  navigated: (window, url) => of(window).navigated(url),
  pageLoaded: (window, url) => of(window).loaded(url),
  pageCrashed: (window) => void of(window).emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 }),
  openWindow: (window, url) => of(window).openWindow(url),
  attachWebview: (window) => {
    const event = new CancelableEvent();
    of(window).emit('will-attach-webview', event, {}, {});
    return !event.defaultPrevented;
  },
  send: (window, frame, channel, args) => void ipcMain.emit(channel, of(window).eventOf(frame), ...args),
  invoke: (window, frame, channel, args) => ipcMain.invoked(of(window).eventOf(frame), channel, args),
});
