/**
 * Item 13: disable or limit navigation.
 *
 * A page may move within its own origin, such as a reload; every other way out is stopped, in frames and by redirects
 * too.
 */
import type { WebContents } from 'electron';
import { originOf } from '../origins.ts';

export interface Navigation {
  url: string;
  defaultPrevented: boolean;
  preventDefault(): void;
}

export function keepWithin(contents: WebContents, origins: readonly string[], tell: (url: string) => void): void {
  const check = (event: Navigation) => {
    // Electron tells of a navigation of the top frame twice, as one of the page and as one of a frame.
    if (event.defaultPrevented) return;
    const origin = originOf(event.url);
    if (origin !== undefined && origins.includes(origin) && originOf(contents.getURL()) === origin) return;
    event.preventDefault();
    tell(event.url);
  };
  contents.on('will-navigate', check);
  contents.on('will-frame-navigate', check);
  contents.on('will-redirect', check);
}
