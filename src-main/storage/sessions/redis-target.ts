/** Which Redis the configuration means: one server, a primary watched by Sentinels, or a Cluster. */
import type { ConnectionOptions } from 'node:tls';
import type { RedisServerSettings } from '../../connections/connection-settings.ts';
import { tlsOptions } from '../../connections/tls-options.ts';
import type { Config } from '../../settings/config-schema.ts';
import { ConfigError } from '../../settings/load-config.ts';

/** The part of the configuration that is about Redis. */
export type RedisSettings = Pick<Config, Extract<keyof Config, `redis.${string}`> | 'profile'>;

export interface HostPort {
  host: string;
  port: number;
}

interface Login {
  username: string | undefined;
  password: string | undefined;
  /** Undefined without TLS. */
  tls: ConnectionOptions | undefined;
}

export type RedisTarget = Login &
  (
    | ({ mode: 'standalone'; db: number } & HostPort)
    | { mode: 'sentinel'; name: string; sentinels: HostPort[]; sentinel_login: Pick<Login, 'username' | 'password'> }
    | { mode: 'cluster'; nodes: HostPort[] }
  );

const REDIS_PORT = 6379;
const SENTINEL_PORT = 26379;

/**
 * The server to use, or undefined when none is configured. Which keys go together was checked when the configuration
 * was loaded.
 *
 * @throws ConfigError when a key cannot be read
 */
export function redisTarget(settings: RedisSettings): RedisTarget | undefined {
  const ofProfile = settings.profile?.settings?.redis;
  if (ofProfile) return standaloneOf(ofProfile);
  const url = settings['redis.url'];
  const sentinels = settings['redis.sentinels'];
  const nodes = settings['redis.cluster_nodes'];
  if (url !== null) return standalone(url);
  const login: Login = {
    username: settings['redis.username'] ?? undefined,
    password: settings['redis.password'] ?? undefined,
    tls: settings['redis.tls'] ? {} : undefined,
  };
  if (sentinels.length > 0) {
    return {
      ...login,
      mode: 'sentinel',
      name: settings['redis.sentinel_name'] ?? '',
      sentinels: hostPorts('redis.sentinels', sentinels, SENTINEL_PORT),
      sentinel_login: {
        username: settings['redis.sentinel_username'] ?? undefined,
        password: settings['redis.sentinel_password'] ?? undefined,
      },
    };
  }
  if (nodes.length > 0) {
    return { ...login, mode: 'cluster', nodes: hostPorts('redis.cluster_nodes', nodes, REDIS_PORT) };
  }
  return undefined;
}

/** Where it is, for messages; never with the password. */
export function describeTarget(target: RedisTarget): string {
  const join = (list: HostPort[]) => list.map(({ host, port }) => `${host}:${port}`).join(', ');
  if (target.mode === 'standalone') return `Redis at ${join([target])}`;
  if (target.mode === 'sentinel') return `Redis "${target.name}" of the Sentinels ${join(target.sentinels)}`;
  return `the Redis Cluster of ${join(target.nodes)}`;
}

export function standaloneOf({ host, port, db, username, password, tls }: RedisServerSettings): RedisTarget {
  const login = { username: username ?? undefined, password: password ?? undefined, tls: tlsOptions(tls) };
  return { mode: 'standalone', host, port, db, ...login };
}

function standalone(text: string): RedisTarget {
  const url = new URL(text);
  const db = url.pathname.slice(1);
  if (!/^\d{0,4}$/.test(db)) {
    throw new ConfigError([
      'redis.url must end in the number of a database, as in redis://localhost:6379/0, or after the port.',
    ]);
  }
  return {
    mode: 'standalone',
    // URL keeps the brackets around an IPv6 address, sockets want none.
    host: url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: url.port === '' ? REDIS_PORT : Number(url.port),
    db: Number(db),
    username: decoded(url.username),
    password: decoded(url.password),
    tls: url.protocol === 'rediss:' ? {} : undefined,
  };
}

/** User or password of a URL, where odd characters are percent-encoded. */
function decoded(text: string): string | undefined {
  if (text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError(['redis.url: a "%" in the user or password must be written as "%25".']);
  }
}

function hostPorts(key: string, list: readonly string[], default_port: number): HostPort[] {
  return list.map((text) => {
    const url = URL.canParse(`redis://${text}`) ? new URL(`redis://${text}`) : undefined;
    const plain = url && url.username === '' && url.password === '' && url.pathname === '' && url.search === '';
    if (!url || !plain || url.hostname === '') {
      throw new ConfigError([`${key} must list host:port,host:port; "${text}" is none.`]);
    }
    return {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? default_port : Number(url.port),
    };
  });
}
