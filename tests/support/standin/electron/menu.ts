import type { MenuLook } from '../sides.ts';
import { desktop, offer, tell } from './desktop-link.ts';

interface Template {
  id?: string;
  label?: string;
  role?: string;
  type?: string;
  accelerator?: string;
  enabled?: boolean;
  submenu?: Template[];
  click?: (...args: unknown[]) => void;
}

export class Menu {
  readonly items: Template[];

  static #application: Menu | null = null;

  constructor(items: Template[] = []) {
    this.items = items;
  }

  static buildFromTemplate(template: Template[]): Menu {
    return new Menu(template);
  }

  static setApplicationMenu(menu: Menu | null): void {
    Menu.#application = menu;
    tell(desktop.menuSet(menu?.look() ?? []));
  }

  static getApplicationMenu(): Menu | null {
    return Menu.#application;
  }

  look(): MenuLook[] {
    const lookOf = (item: Template): MenuLook => ({
      id: item.id,
      label: item.label,
      role: item.role ?? item.type,
      accelerator: item.accelerator,
      enabled: item.enabled ?? true,
      submenu: item.submenu?.map(lookOf),
    });
    return this.items.map(lookOf);
  }

  click(isWanted: (item: Template) => boolean): void {
    const find = (items: Template[]): Template | undefined => {
      for (const item of items) {
        const found = isWanted(item) ? item : item.submenu && find(item.submenu);
        if (found) return found;
      }
      return undefined;
    };
    const item = find(this.items);
    if (item?.click === undefined || item.enabled === false) throw new Error('there is no such item to click on');
    item.click(item);
  }
}

offer({
  clickMenu: (id) => {
    const menu = Menu.getApplicationMenu();
    if (menu === null) throw new Error('there is no menu');
    menu.click((item) => item.id === id);
  },
});
