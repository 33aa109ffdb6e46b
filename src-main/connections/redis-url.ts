/** `redis://` and `rediss://` addresses, both ways. */
import { invalidField } from '../errors.ts';
import { hostInUrl, KEY_PREFIX, NO_TLS, REDIS_PORT, type RedisServerSettings } from './connection-settings.ts';
import { loginInUrl, parseConnectionUrl } from './connection-url.ts';

const FIELD = 'redis.url';

/** @throws ArchonError VALIDATION_FAILED, with what is wrong and never the password */
export function parseRedisUrl(text: string): RedisServerSettings {
  const { scheme, user, password, host, port, path, params } = parseConnectionUrl(text, ['redis', 'rediss'], FIELD);
  const db = path === '' ? (params.get('db') ?? '0') : path.replace(/\/$/, '');
  const unknown = [...params.keys()].find((name) => name !== 'db');
  if (unknown !== undefined) {
    throw invalidField(FIELD, `has the parameter "${unknown.slice(0, 60)}", which is not known: leave it out`);
  }
  if (!/^\d{1,6}$/.test(db))
    throw invalidField(FIELD, 'must end in the number of a database, as in /0, or after the port');
  // `default` is the user that a password alone means. https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
  const username = user === 'default' ? null : user;
  const tls = { ...NO_TLS, mode: scheme === 'rediss' ? ('verify-full' as const) : NO_TLS.mode };
  return { host, port: port ?? REDIS_PORT, db: Number(db), username, password, tls, key_prefix: KEY_PREFIX };
}

export function formatRedisUrl({ host, port, db, username, password, tls }: RedisServerSettings): string {
  const scheme = tls.mode === 'disable' ? 'redis' : 'rediss';
  return `${scheme}://${loginInUrl(username, password)}${hostInUrl(host)}:${port}/${db}`;
}
