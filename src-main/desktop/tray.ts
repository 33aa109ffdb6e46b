/** The icon beside the clock: how Archon is, and the way to the window and out. */
import type { Menu, MenuItemConstructorOptions, NativeImage, Tray } from 'electron';
import type { Logger } from 'pino';
import type { DesktopCommand } from '../../src-contract/index.ts';
import { APP_NAME } from './identity.ts';
import { type TrayStatus, trayIcon } from './tray-icon.ts';

const STATUS_EVERY_MS = 10_000;
/** Pixels at a scale of 1 and 2. */
const ICON_SIZE = 16;

const STATUS_WORDS: Record<TrayStatus, string> = {
  starting: 'Starting …',
  healthy: 'Everything works',
  degraded: 'Working with limits',
  unhealthy: 'Not working: open Archon to see why',
};

const CLOSING = 'Closing: Archon finishes what it is doing …';

export interface TrayOptions {
  createTray: (icon: NativeImage) => Tray;
  createImage: (png: Buffer, scale: number) => NativeImage;
  buildMenu: (template: MenuItemConstructorOptions[]) => Menu;
  /** How the engine is now. */
  status: () => Promise<TrayStatus>;
  show: () => void;
  command: (command: DesktopCommand) => void;
  quit: () => void;
  logger: () => Logger;
}

export class StatusTray {
  readonly #options: TrayOptions;
  readonly #tray: Tray;
  #shown: TrayStatus = 'starting';
  #timer: NodeJS.Timeout | undefined;
  #closing = false;

  private constructor(options: TrayOptions) {
    this.#options = options;
    this.#tray = options.createTray(this.#icon());
    this.#tray.on('click', () => options.show());
    this.#describe();
  }

  /** The tray, or undefined where the system says that it has none; where it says nothing, `trayHost` asks. */
  static create(options: TrayOptions): StatusTray | undefined {
    try {
      return new StatusTray(options);
    } catch (error) {
      options.logger().warn({ err: error }, 'the system has no tray; closing the window ends Archon');
      return undefined;
    }
  }

  watch(): void {
    void this.refresh();
    this.#timer = setInterval(() => void this.refresh(), STATUS_EVERY_MS);
  }

  async refresh(): Promise<void> {
    const status = await this.#options.status().catch((): TrayStatus => 'unhealthy');
    if (status === this.#shown || this.#closing || this.#tray.isDestroyed()) return;
    this.#shown = status;
    this.#tray.setImage(this.#icon());
    this.#describe();
  }

  /** Nothing can be done here any more, but the person sees that something still is. */
  tellOfClosing(): void {
    clearInterval(this.#timer);
    this.#closing = true;
    this.#tray.setToolTip(`${APP_NAME} — ${CLOSING}`);
    this.#tray.setContextMenu(this.#options.buildMenu([{ label: CLOSING, enabled: false }]));
  }

  destroy(): void {
    clearInterval(this.#timer);
    if (!this.#tray.isDestroyed()) this.#tray.destroy();
  }

  #icon(): NativeImage {
    const image = this.#options.createImage(trayIcon(this.#shown, ICON_SIZE), 1);
    image.addRepresentation({ scaleFactor: 2, buffer: trayIcon(this.#shown, ICON_SIZE * 2) });
    return image;
  }

  #describe(): void {
    const { buildMenu, show, command, quit } = this.#options;
    const words = STATUS_WORDS[this.#shown];
    const go = (wanted: DesktopCommand) => {
      show();
      command(wanted);
    };
    this.#tray.setToolTip(`${APP_NAME} — ${words}`);
    this.#tray.setContextMenu(
      buildMenu([
        { label: words, enabled: false },
        { type: 'separator' },
        { label: 'Open Archon', click: show },
        { label: 'Search …', click: () => go('open-palette') },
        { label: 'Import …', click: () => go('open-import') },
        { type: 'separator' },
        { label: 'Quit Archon', click: quit },
      ]),
    );
  }
}
