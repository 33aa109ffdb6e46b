/**
 * Which requests come from our own pages.
 *
 * A cookie goes with every request to this host, whichever page made it, and pages of other ports of 127.0.0.1 count
 * as the same *site*: SameSite does not hold them off. Their origin does.
 */
import type { IncomingMessage } from 'node:http';
import { DoorError } from './door-errors.ts';

/**
 * True when the browser reaches us encrypted: by our own TLS, or that of a proxy. Whoever forges the header of the proxy
 * gets a cookie that their own browser does not send back.
 */
export function isEncrypted(request: IncomingMessage): boolean {
  const { origin, 'x-forwarded-proto': forwarded } = request.headers;
  return (
    isTlsSocket(request) || forwarded === 'https' || (origin?.startsWith('https:') === true && isOwnOrigin(request))
  );
}

/**
 * True when the Origin header names this server itself, under the name it was called by. A missing one does not.
 *
 * Without TLS of our own a proxy may do it, so that the page's origin is https then; nothing else can serve https on a
 * port that speaks HTTP.
 */
export function isOwnOrigin(request: IncomingMessage): boolean {
  const { origin } = request.headers;
  return origin !== undefined && namesUs(request, origin);
}

function isOwnReferrer(request: IncomingMessage): boolean {
  const { referer } = request.headers;
  return referer !== undefined && URL.canParse(referer) && namesUs(request, new URL(referer).origin);
}

function namesUs(request: IncomingMessage, origin: string): boolean {
  const { host } = request.headers;
  if (host === undefined || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  const schemes = isTlsSocket(request) ? ['https:'] : ['http:', 'https:'];
  if (url.origin !== origin || !schemes.includes(url.protocol)) return false;
  const own = `${url.protocol}//${host}`;
  return URL.canParse(own) && new URL(own).origin === origin;
}

/**
 * True when the browser says that one of our own pages made the request.
 *
 * `Sec-Fetch-Site` goes to trustworthy addresses only: https and this computer itself. Over plain HTTP under another name
 * (https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header) the origin says it; a download has none, and says it by
 * its referrer. No page can write either header; one that hides them is not believed.
 */
export function isFromOwnPage(request: IncomingMessage): boolean {
  const { 'sec-fetch-site': site, origin } = request.headers;
  if (site !== undefined) return site === 'same-origin';
  if (origin !== undefined) return isOwnOrigin(request);
  return isRead(request) && isOwnReferrer(request);
}

/** Refuses what another page made the browser send, such as a login under somebody else's name. */
export function refuseOtherOrigins(request: IncomingMessage): void {
  const site = request.headers['sec-fetch-site'];
  const reads = isRead(request);
  const bySite = site === undefined || site === 'same-origin' || (reads && site === 'none');
  const byOrigin = request.headers.origin === undefined ? site !== undefined || reads : isOwnOrigin(request);
  if (bySite && byOrigin) return;
  throw new DoorError('FORBIDDEN', { message: 'Only pages of this server may ask for that.' });
}

const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

function isTlsSocket({ socket }: IncomingMessage): boolean {
  return 'encrypted' in socket && socket.encrypted === true;
}
