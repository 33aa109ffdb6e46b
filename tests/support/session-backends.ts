/** The session stores that the shared suite runs over, and what its tests are made of. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import type { Message } from '../../src-contract/index.ts';
import type { Scope } from '../../src-main/identity/scope.ts';
import { defaultConfig } from '../../src-main/settings/config-schema.ts';
import { createRedis, type RedisConnection } from '../../src-main/storage/sessions/redis-connection.ts';
import { RedisSessionStore } from '../../src-main/storage/sessions/redis-session-store.ts';
import type { RedisSettings } from '../../src-main/storage/sessions/redis-target.ts';
import type { SessionRecord, SessionStoreOptions } from '../../src-main/storage/sessions/session-store.ts';
import { SqliteSessionStore } from '../../src-main/storage/sessions/sqlite-session-store.ts';
import { redisAvailable, startRedis, startRedisCluster } from './redis-server.ts';

export const SESSION_MIGRATIONS = fileURLToPath(new URL('../../migrations/sessions-sqlite/', import.meta.url));
export const REDIS_PREFIX = 'archon-test:';

export interface RunningBackend {
  store: SqliteSessionStore | RedisSessionStore;
  /** Closes the store and removes everything. */
  remove(): Promise<void>;
}

export interface SessionBackend {
  name: string;
  available: boolean;
  start(options?: SessionStoreOptions): Promise<RunningBackend>;
}

export const SESSION_BACKENDS: readonly SessionBackend[] = [
  { name: 'SQLite', available: true, start: startSqliteBackend },
  { name: 'Redis', available: redisAvailable, start: startRedisBackend },
  { name: 'Redis Cluster', available: redisAvailable, start: startClusterBackend },
];

/** An open connection with these settings, everything else by default. */
export function connectRedis(settings: Partial<RedisSettings>): RedisConnection {
  const connection = createRedis({ ...defaultConfig(tmpdir()), ...settings });
  if (!connection) throw new Error('no Redis in these settings');
  return connection;
}

async function startSqliteBackend(options?: SessionStoreOptions): Promise<RunningBackend> {
  const folder = mkdtempSync(join(tmpdir(), 'archon-sessions-'));
  const store = new SqliteSessionStore(join(folder, 'sessions.db'), SESSION_MIGRATIONS, options);
  return {
    store,
    remove: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startRedisBackend(options?: SessionStoreOptions): Promise<RunningBackend> {
  const server = await startRedis();
  return redisBackend(connectRedis({ 'redis.url': server.url }), server, options);
}

async function startClusterBackend(options?: SessionStoreOptions): Promise<RunningBackend> {
  const cluster = await startRedisCluster();
  return redisBackend(connectRedis({ 'redis.cluster_nodes': cluster.nodes }), cluster, options);
}

function redisBackend(
  connection: RedisConnection,
  server: { remove(): Promise<void> },
  options?: SessionStoreOptions,
): RunningBackend {
  const store = new RedisSessionStore(connection, REDIS_PREFIX, options);
  return {
    store,
    remove: async () => {
      await store.close();
      await server.remove();
    },
  };
}

/** An organisation of its own, so that tests on one server do not see each other. */
export const newScope = (): Scope => ({ org_id: uuidv7(), actor: 'test' });

/** The organisation in which processes started by tests write. */
export const APPEND_SCOPE: Scope = { org_id: '00000000-0000-7000-8000-00000000aaaa', actor: 'test' };

const HOUR_SECONDS = 3600;

/** A session begun at `now_ms`. */
export function sessionRecord(now_ms: number, values: Partial<SessionRecord> = {}): SessionRecord {
  const ttl_seconds = values.ttl_seconds ?? HOUR_SECONDS;
  return {
    session_id: 'session-1',
    user_id: 'ada',
    title: null,
    started_at: iso(now_ms),
    last_accessed_at: iso(now_ms),
    expires_at: iso(now_ms + ttl_seconds * 1000),
    context: { active_project_id: null, active_task_ids: [], mentioned_files: [], metadata: {} },
    ...values,
    ttl_seconds,
  };
}

/** Message `n`: its id, text and token count tell which. */
export const testMessage = (n: number, values: Partial<Message> = {}): Message => ({
  message_id: `message-${n}`,
  role: n % 2 ? 'user' : 'assistant',
  content: `This is message ${n}.`,
  timestamp: iso(Date.UTC(2026, 0, 1) + n * 1000),
  token_count: n,
  ...values,
});

/** Messages `from` to `to`, both included. */
export const testMessages = (from: number, to: number): Message[] =>
  Array.from({ length: to - from + 1 }, (_, i) => testMessage(from + i));

export const iso = (ms: number): string => new Date(ms).toISOString();
