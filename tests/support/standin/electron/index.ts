/**
 * The module `electron` of the stand-in: what the main bundle uses of Electron, and no more, so that a use of something
 * else is seen when the bundle is loaded.
 */
import { EventEmitter } from 'node:events';
import { desktop, tell } from './desktop-link.ts';

export { app } from './app.ts';
export { BrowserWindow } from './browser-window.ts';
export { ipcMain } from './ipc-main.ts';
export { Menu } from './menu.ts';
export { MessageChannelMain } from './message-ports.ts';
export { nativeImage } from './native-image.ts';
export { Notification } from './notification.ts';
export { protocol } from './protocol.ts';
export { safeStorage } from './safe-storage.ts';
export { session } from './session.ts';
export { Tray } from './tray.ts';

/** Dialogs of Electron take the window they belong to first, if any. */
const ask =
  (kind: string) =>
  async (...args: unknown[]): Promise<unknown> =>
    await desktop.dialog(kind, structuredClone(args.at(-1)));

export const dialog = {
  showMessageBox: ask('message'),
  showOpenDialog: ask('open'),
  showSaveDialog: ask('save'),
  showErrorBox: (title: string, content: string) => tell(desktop.dialog('error', { title, content })),
};

export const shell = {
  openExternal: async (url: string) => await desktop.opened('external', url),
  openPath: async (path: string) => {
    await desktop.opened('path', path);
    return '';
  },
  showItemInFolder: (path: string) => tell(desktop.opened('folder-of', path)),
};

export const clipboard = { writeText: (text: string) => tell(desktop.copied(text)) };

class NativeTheme extends EventEmitter {
  #source = 'system';

  get themeSource(): string {
    return this.#source;
  }

  set themeSource(source: string) {
    this.#source = source;
    tell(desktop.asked('nativeTheme.themeSource', source));
  }

  get shouldUseDarkColors(): boolean {
    return this.#source === 'dark';
  }
}

export const nativeTheme = new NativeTheme();

const DISPLAY = { workArea: { x: 0, y: 0, width: 1920, height: 1040 } };
export const screen = { getAllDisplays: () => [DISPLAY], getPrimaryDisplay: () => DISPLAY };
