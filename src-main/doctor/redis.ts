import { createRedis } from '../storage/sessions/redis-connection.ts';
import { RedisSessionStore } from '../storage/sessions/redis-session-store.ts';
import { type Check, failed, messageOf, ok, warning } from './check.ts';

const NAME = 'sessions';

export const redisCheck: Check = {
  key: 'sessions',
  name: NAME,
  run: async ({ config, connection_problem }) => {
    // The check of the database says it.
    if (connection_problem !== undefined) return [];
    const redis = createRedis(config);
    if (!redis) return [ok(NAME, 'built-in store (SQLite)')];
    const store = new RedisSessionStore(redis, config['redis.key_prefix']);
    try {
      const { detail, latency_ms } = await store.ping();
      // The store says what is wrong with a server behind its version.
      if (!detail.includes(';')) return [ok(NAME, `${detail}, answers in ${latency_ms.toFixed(1)} ms`)];
      return [warning(NAME, detail, 'Redis 7 or newer with maxmemory-policy noeviction is what Archon is made for.')];
    } catch (error) {
      return [failed(NAME, messageOf(error), 'Check the redis. keys, the network, and that the server runs.')];
    } finally {
      await store.close();
    }
  },
};
