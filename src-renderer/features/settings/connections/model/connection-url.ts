/**
 * Connections as URLs, as people copy them from other programs: `postgres://user:password@host:port/database?sslmode=…` and
 * `redis://…`. A password with characters that should have been escaped is understood all the same.
 */
import { SSL_MODES, type SslMode } from '../../../../../src-contract/profiles.ts';

export interface PostgresAddress {
  host: string;
  port: number;
  database: string;
  user: string;
  /** Empty when there is none. */
  password: string;
  mode: SslMode;
}
export interface RedisAddress {
  host: string;
  port: number;
  db: number;
  username: string;
  password: string;
  isEncrypted: boolean;
}

/** What was read, or why it cannot be, in words for the person. */
export type Read<T> = { address: T } | { problem: string };

export const POSTGRES_PORT = 5432;
export const REDIS_PORT = 6379;

interface Parts {
  scheme: string;
  user: string;
  password: string;
  host: string;
  port: number | undefined;
  path: string;
  params: URLSearchParams;
}

export function readPostgresUrl(text: string): Read<PostgresAddress> {
  const parts = partsOf(text);
  if (typeof parts === 'string') return { problem: parts };
  const { scheme, user, password, host, port = POSTGRES_PORT, path, params } = parts;
  if (scheme !== 'postgres' && scheme !== 'postgresql') {
    return { problem: 'A URL of PostgreSQL begins with postgres:// or postgresql://.' };
  }
  if (user === '') return { problem: 'The URL names no user: postgres://user:password@host/database.' };
  const mode = params.get('sslmode') ?? 'disable';
  const known = SSL_MODES.find((one) => one === mode);
  if (known === undefined) {
    return {
      problem: `sslmode=${mode} leaves it to chance whether anything is encrypted. Choose ${SSL_MODES.join(', ')}.`,
    };
  }
  const unknown = [...params.keys()].find((name) => name !== 'sslmode');
  if (unknown !== undefined) return { problem: unknownParam(unknown) };
  return { address: { host, port, database: path === '' ? user : path, user, password, mode: known } };
}

function unknownParam(name: string): string {
  return name.startsWith('ssl')
    ? `${name} names a file: take it out of the URL, and paste or choose the file below.`
    : `${name} is not used by Archon: take it out of the URL.`;
}

export function readRedisUrl(text: string): Read<RedisAddress> {
  const parts = partsOf(text);
  if (typeof parts === 'string') return { problem: parts };
  const { scheme, user: username, password, host, port = REDIS_PORT, path, params } = parts;
  if (scheme !== 'redis' && scheme !== 'rediss')
    return { problem: 'A URL of Redis begins with redis:// or rediss://.' };
  if (!/^\d*$/.test(path) || Number(path) > 1_000_000) {
    return { problem: 'After the host stands the number of the database, such as redis://host:6379/0.' };
  }
  const [unknown] = params.keys();
  if (unknown !== undefined) return { problem: `${unknown} is not used by Archon: take it out of the URL.` };
  return { address: { host, port, db: Number(path), username, password, isEncrypted: scheme === 'rediss' } };
}

export function postgresUrl({ host, port, database, user, password, mode }: PostgresAddress): string {
  const query = mode === 'disable' ? '' : `?sslmode=${mode}`;
  return `postgres://${login(user, password)}@${hostAndPort(host, port)}/${escaped(database)}${query}`;
}

export function redisUrl({ host, port, db, username, password, isEncrypted }: RedisAddress): string {
  const who = username === '' && password === '' ? '' : `${login(username, password)}@`;
  return `redis${isEncrypted ? 's' : ''}://${who}${hostAndPort(host, port)}/${db}`;
}

/** @returns the parts, or what is wrong */
function partsOf(text: string): Parts | string {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text.trim());
  if (match === null) return 'A URL has a scheme, such as postgres://user:password@host:5432/database.';
  const [, scheme = '', rest = ''] = match;
  // Whatever stands before the last @ is the login: a password may hold every character.
  const at = rest.lastIndexOf('@');
  const [user, password] = cut(at < 0 ? '' : rest.slice(0, at), ':');
  const [address, query] = cut(rest.slice(at + 1), '?');
  const [where, path] = cut(address, '/');
  const place = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d*))?$/.exec(where);
  if (where.includes(',')) return 'Several hosts cannot be used: name one.';
  const host = place?.[1] ?? place?.[2] ?? '';
  if (place === null || host === '') return 'The URL names no host that can be understood.';
  const port = place[3] === undefined || place[3] === '' ? undefined : Number(place[3]);
  if (port !== undefined && (port < 1 || port > 65_535)) return 'A port is a number from 1 to 65535.';
  return {
    scheme: scheme.toLowerCase(),
    user: plain(user),
    password: plain(password),
    host: plain(host),
    port,
    path: plain(path),
    params: new URLSearchParams(query),
  };
}

/** At the first of these; the second part is empty when there is none. */
function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Without its escapes; as it is when it was never escaped. */
function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const escaped = (text: string): string => encodeURIComponent(text.toWellFormed());
const login = (user: string, password: string): string =>
  password === '' ? escaped(user) : `${escaped(user)}:${escaped(password)}`;
const hostAndPort = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
