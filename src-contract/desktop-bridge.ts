/**
 * What the preload script gives the window of the desktop app, as `window.archon`. A browser has none of it.
 *
 * Calls to the engine do not go through here: they go over the MessagePort that `connect` asks for. It arrives as a
 * `message` event of the window itself, with {@link PORT_MESSAGE} as its data and the port in `ports`.
 */

/** Name of the bridge on the window. */
export const BRIDGE_NAME = 'archon';
export const PORT_MESSAGE = 'archon:port';

/** What the menu, the tray and their accelerators ask of the window. */
export const DESKTOP_COMMANDS = [
  'open-palette',
  'open-shortcuts',
  'open-import',
  'open-export',
  'go-memory',
  'toggle-theme',
] as const;
export type DesktopCommand = (typeof DESKTOP_COMMANDS)[number];

export interface DesktopBridge {
  /** Operating system, as Node names it. */
  readonly platform: string;
  /** Asks for a new port to the engine; the one before is closed. */
  connect(): void;
  /** Where a file that was dropped or chosen lies on this computer. Empty when it is no file of the disk. */
  pathOf(file: File): string;
  /** Asks where to save, then writes the archive of a finished export there. Null when the person cancelled. */
  saveExport(job_id: string): Promise<{ path: string } | null>;
  /** Shows a file of the person's in the system's file manager. */
  showFile(path: string): Promise<void>;
  /** Opens a page on the web in the person's browser; only https pages of our own list are opened. */
  openExternal(url: string): Promise<void>;
  /** Text to the clipboard. */
  copyText(text: string): Promise<void>;
  /** Makes the window's frame follow the theme of the page; remembered, so that the next start begins with it. */
  setTheme(theme: 'system' | 'light' | 'dark'): Promise<void>;
  /** Calls the listener for each memory a deep link asks for. @returns how to stop */
  onOpenMemory(listener: (memory_id: string) => void): () => void;
  /** Calls the listener for each page that a notification leads to, such as `/ops-agent/alerts`. @returns how to stop */
  onOpenPage(listener: (path: string) => void): () => void;
  /** Calls the listener for each command of menu and tray. @returns how to stop */
  onCommand(listener: (command: DesktopCommand) => void): () => void;
  /** Calls the listener when the app is closing and waits for the engine. @returns how to stop */
  onClosing(listener: () => void): () => void;
}
