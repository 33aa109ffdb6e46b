/**
 * What the addresses of PostgreSQL and Redis have in common: user, password, host, port, path and parameters, each told by
 * name when it is wrong. Read by hand: `URL` takes several hosts for one and a password with a `/` for a path.
 */
import { invalidField } from '../errors.ts';

export interface UrlParts {
  scheme: string;
  user: string | null;
  password: string | null;
  host: string;
  port: number | null;
  /** What follows the first slash, decoded; empty without one. */
  path: string;
  params: Map<string, string>;
}

const SHAPE = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?(#.*)?$/is;
const ENCODE =
  'write special characters of user and password percent-encoded ("@" as %40, "/" as %2F, "#" as %23, "?" as %3F, "%" as %25), or fill in the fields one by one';

/**
 * @param field names the input in messages
 * @throws ArchonError VALIDATION_FAILED
 */
export function parseConnectionUrl(text: string, schemes: readonly string[], field: string): UrlParts {
  const match = SHAPE.exec(text.trim());
  const scheme = match?.[1]?.toLowerCase();
  if (match === null || scheme === undefined || !schemes.includes(scheme)) {
    throw invalidField(field, `must begin with ${schemes.map((name) => `${name}://`).join(' or ')}`);
  }
  const [, , authority = '', path = '', query = '', fragment] = match;
  const at = authority.lastIndexOf('@');
  // What was meant for the password ended it, and the rest of it came into the path.
  if (fragment !== undefined || path.includes('@')) throw invalidField(field, `cannot be read: ${ENCODE}`);
  const login = at < 0 ? '' : authority.slice(0, at);
  const colon = login.indexOf(':');
  return {
    scheme,
    user: decoded(field, 'user', colon < 0 ? login : login.slice(0, colon)),
    password: colon < 0 ? null : decoded(field, 'password', login.slice(colon + 1)),
    ...hostOf(field, authority.slice(at + 1)),
    path: decoded(field, 'part after the host', path) ?? '',
    params: paramsOf(field, query),
  };
}

/** Null for an empty text. */
function decoded(field: string, what: string, text: string): string | null {
  if (text === '') return null;
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidField(field, `has a "%" in the ${what} that must be written as "%25"`);
  }
}

function hostOf(field: string, text: string): { host: string; port: number | null } {
  if (text.includes(',')) {
    throw invalidField(
      field,
      'names several hosts: give the one to work on, or the address of what stands before them',
    );
  }
  const match = /^(?:\[([0-9a-f:.]+(?:%[\w.]+)?)\]|([^:[\]]*))(?::(\d*))?$/i.exec(text);
  if (match === null) {
    const hint = /^[0-9a-f:]+$/i.test(text) ? '; an IPv6 address stands in brackets, as in [::1]' : `: ${ENCODE}`;
    throw invalidField(field, `has a host or port that cannot be read${hint}`);
  }
  const [, ipv6, name = '', digits = ''] = match;
  const host = ipv6 ?? decoded(field, 'host', name) ?? '';
  if (host === '') throw invalidField(field, 'names no host');
  if (host.startsWith('/')) throw invalidField(field, 'names the folder of a socket: give a host, such as localhost');
  if (/[\s@?#/]/.test(host)) throw invalidField(field, 'names no host that can be');
  const port = digits === '' ? null : Number(digits);
  if (port !== null && (port < 1 || port > 65_535)) throw invalidField(field, `has the port ${digits}: 1 to 65535`);
  return { host, port };
}

function paramsOf(field: string, query: string): Map<string, string> {
  const params = new Map<string, string>();
  for (const part of query.split('&').filter((one) => one !== '')) {
    const equals = part.indexOf('=');
    const [name, value] = equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
    params.set(
      (decoded(field, 'parameter', name) ?? '').toLowerCase(),
      decoded(field, `parameter ${name}`, value) ?? '',
    );
  }
  return params;
}

/** User and password as they stand before the host, with the `@`; empty without either. */
export function loginInUrl(user: string | null, password: string | null): string {
  if (user === null && password === null) return '';
  return `${encodeURIComponent(user ?? '')}${password === null ? '' : `:${encodeURIComponent(password)}`}@`;
}
