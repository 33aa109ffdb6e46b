/** How a connection is made, with its secrets: what forms, addresses and the environment come down to. */
import type { Connection, SslMode } from '../../src-contract/index.ts';

export interface TlsSettings {
  mode: SslMode;
  /** Authorities to trust, in PEM; null for those of the system. */
  ca_pem: string | null;
  cert_pem: string | null;
  key_pem: string | null;
}

export interface DatabaseSettings {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string | null;
  tls: TlsSettings;
  pool_size: number;
}

export interface RedisServerSettings {
  host: string;
  port: number;
  db: number;
  username: string | null;
  password: string | null;
  tls: TlsSettings;
  key_prefix: string;
}

export interface ConnectionSettings {
  database: DatabaseSettings;
  /** Null: sessions are kept on this computer. */
  redis: RedisServerSettings | null;
}

/** What a profile says of the connection beyond what keys of the configuration can. */
export interface ProfileConnection {
  /** Nothing is changed in the database or the session store. */
  read_only: boolean;
  /** Null for a database of this computer. */
  settings: ConnectionSettings | null;
}

export const POSTGRES_PORT = 5432;
export const REDIS_PORT = 6379;
export const POOL_SIZE = 10;
export const KEY_PREFIX = 'archon:';
export const NO_TLS: Readonly<TlsSettings> = { mode: 'disable', ca_pem: null, cert_pem: null, key_pem: null };

/** The connection as it may be shown. */
export function withoutSecrets({ database, redis }: ConnectionSettings): Connection {
  return {
    database: {
      host: database.host,
      port: database.port,
      database: database.database,
      user: database.user,
      has_password: database.password !== null,
      tls: shownTls(database.tls),
      pool_size: database.pool_size,
    },
    redis: redis && {
      host: redis.host,
      port: redis.port,
      db: redis.db,
      username: redis.username,
      has_password: redis.password !== null,
      tls: shownTls(redis.tls),
      key_prefix: redis.key_prefix,
    },
  };
}

const shownTls = ({ mode, ca_pem, cert_pem, key_pem }: TlsSettings) => ({
  mode,
  ca_pem,
  cert_pem,
  has_key: key_pem !== null,
});

/** A host as it stands in an address: IPv6 in brackets. */
export const hostInUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);
