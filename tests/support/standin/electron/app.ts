import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CancelableEvent } from './cancelable.ts';
import { desktop, offer, tell } from './desktop-link.ts';

const VERSION = '45.4.1';

/** What closing the app needs of its windows. */
export interface ClosableWindows {
  all(): { close(): void; destroy(): void }[];
}

class App extends EventEmitter {
  readonly isPackaged = false;
  readonly #ready = Promise.withResolvers<void>();
  #isReady = false;
  #name = 'Electron';
  readonly #root = process.env.STANDIN_HOME ?? '/nonexistent';
  readonly #paths = new Map<string, string>();
  windows: ClosableWindows = { all: () => [] };

  getVersionOfElectron(): string {
    return VERSION;
  }

  becomeReady(): void {
    this.#isReady = true;
    this.#ready.resolve();
    this.emit('ready', {}, {});
  }

  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  isReady(): boolean {
    return this.#isReady;
  }

  setName(name: string): void {
    this.#name = name;
  }

  getName(): string {
    return this.#name;
  }

  setAppUserModelId(): void {}

  getPath(name: string): string {
    const set = this.#paths.get(name);
    if (set !== undefined) return set;
    const path = name === 'userData' ? join(this.getPath('appData'), this.#name) : join(this.#root, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  setPath(name: string, path: string): void {
    if (this.#isReady && name === 'sessionData') throw new Error('sessionData is to be set before the app is ready');
    this.#paths.set(name, path);
  }

  enableSandbox(): void {
    if (this.#isReady) throw new Error('app.enableSandbox() can only be called before app is ready');
    tell(desktop.asked('app.enableSandbox', true));
  }

  setAsDefaultProtocolClient(scheme: string, path?: string, args?: string[]): boolean {
    tell(desktop.asked('app.setAsDefaultProtocolClient', { scheme, path, args }));
    return true;
  }

  /** Electron asks the operating system; here the test process says who is first. */
  requestSingleInstanceLock(): boolean {
    return process.env.STANDIN_SECOND !== '1';
  }

  quit(): void {
    const before = new CancelableEvent();
    this.emit('before-quit', before);
    if (before.defaultPrevented) return;
    for (const window of this.windows.all()) window.close();
    if (this.windows.all().length > 0) return;
    const will = new CancelableEvent();
    this.emit('will-quit', will);
    if (!will.defaultPrevented) this.exit(0);
  }

  /** Ends without asking anybody. */
  exit(code = 0): void {
    for (const window of this.windows.all()) window.destroy();
    this.emit('quit', {}, code);
    // What was said to the desktop must have left first.
    const end = () => process.exit(code);
    if (process.connected) process.send?.({ answer: -1 }, end);
    else end();
  }
}

export const app = new App();

offer({
  secondInstance: (argv) => void app.emit('second-instance', {}, argv, process.cwd()),
  openUrl: (url) => void app.emit('open-url', new CancelableEvent(), url),
  throwError: (message) => {
    setImmediate(() => {
      throw new Error(message);
    });
  },
  quit: () => app.quit(),
});
