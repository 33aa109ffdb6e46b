import { EventEmitter } from 'node:events';
import { desktop, offer, tell } from './desktop-link.ts';
import type { Menu } from './menu.ts';
import type { NativeImage } from './native-image.ts';

let current: Tray | undefined;

export class Tray extends EventEmitter {
  #icon: NativeImage;
  #toolTip = '';
  menu: Menu | undefined;
  #destroyed = false;

  constructor(icon: NativeImage) {
    super();
    if (process.env.STANDIN_NO_TRAY === '1') throw new Error('this system has no tray');
    this.#icon = icon;
    current = this;
    this.#tell();
  }

  setImage(icon: NativeImage): void {
    this.#icon = icon;
    this.#tell();
  }

  setToolTip(text: string): void {
    this.#toolTip = text;
    this.#tell();
  }

  setContextMenu(menu: Menu): void {
    this.menu = menu;
    this.#tell();
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  destroy(): void {
    this.#destroyed = true;
    current = undefined;
    tell(desktop.traySet(null));
  }

  #tell(): void {
    tell(desktop.traySet({ tool_tip: this.#toolTip, items: this.menu?.look() ?? [], icon: this.#icon.toPNG() }));
  }
}

offer({
  clickTray: () => void current?.emit('click'),
  clickTrayItem: (label) => current?.menu?.click((item) => item.label === label),
});
