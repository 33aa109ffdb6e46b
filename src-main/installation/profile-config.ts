/** The configuration of an engine that works on a profile, made from that of the process. */
import { formatPostgresUrl } from '../connections/postgres-url.ts';
import { formatRedisUrl } from '../connections/redis-url.ts';
import { assertNever } from '../errors.ts';
import { type Config, defaultConfig } from '../settings/config-schema.ts';
import type { StoredProfile } from './profile-file.ts';
import type { ProfileStore } from './profile-store.ts';

/** @throws SecretUnreadableError */
export function configOfProfile(config: Config, profile: StoredProfile, store: ProfileStore): Config {
  const data_dir = store.folderOf(profile.profile_id);
  const { read_only } = profile;
  switch (profile.kind) {
    case 'local':
      return { ...config, data_dir, profile: { read_only, settings: null } };
    case 'copy':
      return {
        ...config,
        ...ownConnection(data_dir),
        // It is made anew where it came from, and not saved from day to day.
        'backup.interval_hours': 0,
        data_dir,
        profile: { read_only, settings: null },
      };
    case 'remote': {
      const settings = store.connectionOf(profile);
      return {
        ...config,
        ...ownConnection(data_dir),
        'database.url': formatPostgresUrl(settings.database),
        'database.pool_size': settings.database.pool_size,
        ...(settings.redis === null
          ? {}
          : { 'redis.url': formatRedisUrl(settings.redis), 'redis.key_prefix': settings.redis.key_prefix }),
        data_dir,
        profile: { read_only, settings },
      };
    }
    default:
      return assertNever(profile);
  }
}

/** Keys of the connection as if nobody had set them: those of the process are for its own. */
function ownConnection(data_dir: string): Partial<Config> {
  const entries = Object.entries(defaultConfig(data_dir)).filter(([name]) =>
    /^(database\.(url|ssl)|redis\.)/.test(name),
  );
  return Object.fromEntries(entries);
}

/** Passwords and keys of the connection, which must not come into the log. */
export function secretsOfProfile(config: Config): string[] {
  const { database, redis } = config.profile?.settings ?? {};
  return [database?.password, database?.tls.key_pem, redis?.password, redis?.tls.key_pem].filter(
    (secret): secret is string => typeof secret === 'string',
  );
}
