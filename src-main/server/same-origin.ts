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
  const { origin, host } = request.headers;
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  const schemes = isTlsSocket(request) ? ['https:'] : ['http:', 'https:'];
  if (url.origin !== origin || !schemes.includes(url.protocol)) return false;
  const own = `${url.protocol}//${host}`;
  return URL.canParse(own) && new URL(own).origin === origin;
}

/** True when the browser says that one of our own pages made the request. */
export function isFromOwnPage(request: IncomingMessage): boolean {
  return request.headers['sec-fetch-site'] === 'same-origin';
}

/** Refuses what another page made the browser send, such as a login under somebody else's name. */
export function refuseOtherOrigins(request: IncomingMessage): void {
  const site = request.headers['sec-fetch-site'];
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const bySite = site === undefined || site === 'same-origin' || (isRead && site === 'none');
  const byOrigin = request.headers.origin === undefined ? site !== undefined || isRead : isOwnOrigin(request);
  if (bySite && byOrigin) return;
  throw new DoorError('FORBIDDEN', { message: 'Only pages of this server may ask for that.' });
}

function isTlsSocket({ socket }: IncomingMessage): boolean {
  return 'encrypted' in socket && socket.encrypted === true;
}
