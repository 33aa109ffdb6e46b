/**
 * The cookie of a browser session.
 *
 * Browsers send a cookie to every port of a host, so its name says which port it is for: else two servers of one computer
 * would log each other out. The port is that of the Host header, which is the one the browser knows the server by.
 */
import type { IncomingMessage } from 'node:http';
import { SESSION_DAYS } from '../identity/browser-sessions.ts';
import { isEncrypted } from './same-origin.ts';

const NAME = 'archon_session';
/** 32 bytes as base64url: what else stands there is not ours. */
const VALUE = /^[\w-]{43}$/;

/** Only digits of the header get into the name; a default port is not in the header and not in the name. */
function nameFor({ headers }: IncomingMessage): string {
  const port = /:(\d{1,5})$/.exec(headers.host ?? '')?.[1];
  return port === undefined ? NAME : `${NAME}_${port}`;
}

export function readSessionCookie(request: IncomingMessage): string | undefined {
  const own = nameFor(request);
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value = ''] = pair.trim().split('=', 2);
    if (name === own && VALUE.test(value)) return value;
  }
  return undefined;
}

/** The header that keeps the cookie for as long as the session lives, counted from now. */
export function keepCookie(request: IncomingMessage, value: string): string {
  return cookie(request, value, SESSION_DAYS * 86_400);
}

export function dropCookie(request: IncomingMessage): string {
  return cookie(request, '', 0);
}

function cookie(request: IncomingMessage, value: string, max_age_seconds: number): string {
  const secure = isEncrypted(request) ? '; Secure' : '';
  return `${nameFor(request)}=${value}; Path=/; Max-Age=${max_age_seconds}; HttpOnly; SameSite=Strict${secure}`;
}
