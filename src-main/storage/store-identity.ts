/** Which stores a configuration means, as one text: work that was begun in one place must not go on in another. */
import type { Config } from '../settings/config-schema.ts';
import { describeTarget, redisTarget } from './sessions/redis-target.ts';

/** The database and the session store by their places. Logins are left out: with another password they are the same. */
export function storeIdentity(config: Readonly<Config>): string {
  return JSON.stringify([databasePlace(config['database.url']), sessionsPlace(config)]);
}

/** Where a database is, without who logs in; `embedded` for the one of the data folder. */
export function databasePlace(url: string | null): string {
  if (url === null) return 'embedded';
  const { hostname, port, pathname, searchParams } = new URL(url);
  // node-postgres lets these parameters of the URL name the server too, a socket's folder for one.
  const host = searchParams.get('host') ?? hostname;
  return `postgres://${host}:${searchParams.get('port') ?? (port || '5432')}${pathname}`;
}

function sessionsPlace(config: Readonly<Config>): string {
  const target = redisTarget(config);
  if (target === undefined) return 'built-in';
  const database = target.mode === 'standalone' ? target.db : 0;
  return `${describeTarget(target)}, database ${database}, keys ${config['redis.key_prefix']}`;
}
