/**
 * Item 1: only load secure content.
 *
 * The window needs nothing from any network: its page comes over `app://`, its data over a MessagePort. So every other
 * request is cancelled, also what Chromium would fetch on its own.
 */
import type { Session } from 'electron';
import { APP_SCHEME, originOf } from '../origins.ts';

/** Schemes whose content is made inside the app. */
const OWN_SCHEMES = new Set([`${APP_SCHEME}:`, 'blob:', 'data:', 'devtools:']);

export function isOwnContent(url: string, dev_server_origin: string | undefined): boolean {
  if (!URL.canParse(url)) return false;
  if (OWN_SCHEMES.has(new URL(url).protocol)) return true;
  if (dev_server_origin === undefined) return false;
  // Hot reload speaks WebSocket to the same host and port.
  return originOf(url.replace(/^ws/, 'http')) === dev_server_origin;
}

export function loadOnlyOwnContent(session: Session, dev_server_origin: string | undefined): void {
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !isOwnContent(url, dev_server_origin) }));
}
