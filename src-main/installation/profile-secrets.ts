/** Passwords and keys of a profile: sealed in its file, open in the connection that is made of it. */
import type { ConnectionSettings, TlsSettings } from '../connections/connection-settings.ts';
import type { StoredDatabase, StoredProfile, StoredRedis, StoredTls } from './profile-file.ts';

export interface SecretSealer {
  seal(secret: string, place: string): string;
  open(sealed: string, place: string): string;
}

type Remote = Extract<StoredProfile, { kind: 'remote' }>;
type Change = (text: string, place: string) => string;

/** One secret cannot be put in the place of another. */
const placeOf = (profile_id: string, what: string): string => `profile:${profile_id}:${what}`;

export function sealed(
  profile_id: string,
  { database, redis }: ConnectionSettings,
  secrets: SecretSealer,
): Pick<Remote, 'database' | 'redis'> {
  const close = (text: string | null, what: string) => text && secrets.seal(text, placeOf(profile_id, what));
  const sealedTls = ({ key_pem, ...rest }: TlsSettings, what: string): StoredTls => ({
    ...rest,
    sealed_key: close(key_pem, what),
  });
  const { password, tls, ...rest } = database;
  const stored: StoredDatabase = {
    ...rest,
    sealed_password: close(password, 'database.password'),
    tls: sealedTls(tls, 'database.key'),
  };
  return { database: stored, redis: redis && sealedRedis(redis) };

  function sealedRedis({ password, tls, ...rest }: NonNullable<ConnectionSettings['redis']>): StoredRedis {
    return { ...rest, sealed_password: close(password, 'redis.password'), tls: sealedTls(tls, 'redis.key') };
  }
}

/** @throws SecretUnreadableError */
export function opened({ profile_id, database, redis }: Remote, secrets: SecretSealer): ConnectionSettings {
  const read = (text: string | null, what: string) => text && secrets.open(text, placeOf(profile_id, what));
  const openTls = ({ mode, ca_pem, cert_pem, sealed_key }: StoredTls, what: string): TlsSettings => ({
    mode,
    ca_pem,
    cert_pem,
    key_pem: read(sealed_key, what),
  });
  return {
    database: {
      host: database.host,
      port: database.port,
      database: database.database,
      user: database.user,
      password: read(database.sealed_password, 'database.password'),
      tls: openTls(database.tls, 'database.key'),
      pool_size: database.pool_size,
    },
    redis: redis && {
      host: redis.host,
      port: redis.port,
      db: redis.db,
      username: redis.username,
      password: read(redis.sealed_password, 'redis.password'),
      tls: openTls(redis.tls, 'redis.key'),
      key_prefix: redis.key_prefix,
    },
  };
}

/** The profile with every secret changed. */
export function resealed(profile: Remote, change: Change): Remote {
  const { profile_id, database, redis } = profile;
  const again = (text: string | null, what: string) => text && change(text, placeOf(profile_id, what));
  const parts = (part: 'database' | 'redis', { sealed_password, tls }: StoredDatabase | StoredRedis) => ({
    sealed_password: again(sealed_password, `${part}.password`),
    tls: { ...tls, sealed_key: again(tls.sealed_key, `${part}.key`) },
  });
  return {
    ...profile,
    database: { ...database, ...parts('database', database) },
    redis: redis && { ...redis, ...parts('redis', redis) },
  };
}
