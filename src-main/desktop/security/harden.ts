/** Puts the rules of this folder on every session and page there is or will be. */
import type { App, Session, WebContents } from 'electron';
import type { Logger } from 'pino';
import { keepWithin } from './navigation.ts';
import { refuseNewWindows } from './new-windows.ts';
import { refusePermissions } from './permissions.ts';
import { loadOnlyOwnContent } from './secure-content.ts';
import { refuseWebviews } from './webviews.ts';

export interface HardenOptions {
  /** Origins a page may be of. */
  origins: readonly string[];
  dev_server_origin: string | undefined;
  openExternal: (url: string) => void;
  logger: () => Logger;
}

/** To be called before the app is ready. */
export function hardenEverything(app: App, options: HardenOptions): void {
  app.on('session-created', (session) => hardenSession(session, options));
  app.on('web-contents-created', (_event, contents) => hardenContents(contents, options));
}

function hardenSession(session: Session, { dev_server_origin }: HardenOptions): void {
  loadOnlyOwnContent(session, dev_server_origin);
  refusePermissions(session);
}

function hardenContents(contents: WebContents, { origins, openExternal, logger }: HardenOptions): void {
  keepWithin(contents, origins, (url) => logger().warn({ url: url.slice(0, 200) }, 'a navigation was refused'));
  refuseNewWindows(contents, openExternal);
  refuseWebviews(contents);
}
