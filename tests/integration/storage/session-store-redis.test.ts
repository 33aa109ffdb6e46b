/** What only the Redis store has to do: keys that expire, an index that is mended, a server that goes away. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Scope } from '../../../src-main/identity/scope.ts';
import type { RedisConnection } from '../../../src-main/storage/sessions/redis-connection.ts';
import { answerKeys, outboxKey, sessionKeys } from '../../../src-main/storage/sessions/redis-keys.ts';
import { RedisSessionStore } from '../../../src-main/storage/sessions/redis-session-store.ts';
import { type RedisServer, redisAvailable, startRedis, until } from '../../support/redis-server.ts';
import {
  connectRedis,
  newScope,
  REDIS_PREFIX,
  sessionRecord,
  testMessage,
  testMessages,
} from '../../support/session-backends.ts';
import { everyCall, expectUnavailable, untilBack } from '../../support/session-outages.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;

describe.skipIf(!redisAvailable)('sessions in one Redis server', () => {
  let server: RedisServer;
  let connection: RedisConnection;
  let store: RedisSessionStore;
  let scope: Scope;
  let now: number;
  beforeAll(async () => {
    server = await startRedis({ appendonly: 'yes', appendfsync: 'always' });
    connection = connectRedis({ 'redis.url': server.url });
    store = new RedisSessionStore(connection, REDIS_PREFIX);
  });
  afterAll(async () => {
    await store.close();
    await server.remove();
  });
  beforeEach(async () => {
    await connection.run((client) => client.flushall());
    scope = newScope();
    now = Date.now();
  });

  const begin = (session_id: string, begun_ms = now) =>
    store.create(scope, sessionRecord(begun_ms, { session_id }), testMessages(1, 2), begun_ms);
  const listed = async (at_ms = now) =>
    (await store.list(scope, 'ada', { limit: 10 }, at_ms)).map(({ session_id }) => session_id);
  /** But for the outbox, whose events wait to be taken. */
  const keys = async () =>
    (await connection.run((client) => client.keys('*'))).filter((key) => key !== outboxKey(REDIS_PREFIX, undefined));
  const orgsOnly = [`${REDIS_PREFIX}orgs`];

  it('lets Redis remove a session by itself when its time is over', async () => {
    await begin('s');
    await store.append(scope, 's', [testMessage(3)], now + SECOND);
    const expiries = await Promise.all(
      sessionKeys(REDIS_PREFIX, scope.org_id, 's').map((key) => connection.run((client) => client.pexpiretime(key))),
    );
    const end = now + SECOND + HOUR;
    expect(expiries).toEqual([end, end, end]);
    const forGood = await Promise.all(
      (await keys()).map(async (key) => ((await connection.run((client) => client.pttl(key))) < 0 ? [key] : [])),
    );
    expect(forGood.flat()).toEqual(orgsOnly);
  });

  it('does not show what Redis has removed by itself, and sweeps its traces', async () => {
    await store.create(scope, sessionRecord(now, { session_id: 'short', ttl_seconds: 1 }), testMessages(1, 2), now);
    await until(async () => (await store.get(scope, 'short', now, false)) === undefined);
    expect(await store.users(scope, { limit: 10 }, now)).toEqual([]);
    expect(await listed()).toEqual([]);
    await store.sweep(now + 2 * SECOND, 10);
    expect(await keys()).toEqual(orgsOnly);
  });

  it('leaves no key of a user who was erased', async () => {
    for (const session_id of ['a', 'b', '{c}']) await begin(session_id);
    const title = 'what was answered to a write with an idempotency key, which outlives its session';
    await store.update(scope, 'a', { title }, now, { key: '1', operation: 'update', request_sha256: 'x' });
    await store.delete(scope, 'a', now);
    await store.delete(scope, 'b', now, { key: '2', operation: 'delete', request_sha256: 'x' });
    expect((await keys()).filter((key) => key.endsWith(':answers'))).toHaveLength(2);
    expect(await store.eraseUser(scope, 'ada', now)).toBe(1);
    expect(await keys()).toEqual(orgsOnly);
  });

  it('keeps answers for a day, without messages, and a context once for all that show it', async () => {
    await begin('s');
    const metadata = { notes: 'x'.repeat(5000) };
    await store.update(scope, 's', { context: { metadata } }, now);
    for (let n = 3; n < 53; n += 1) {
      await store.append(scope, 's', [testMessage(n, { content: 'y'.repeat(5000) })], now + n, {
        keyed: { key: `k${n}`, operation: 'append', request_sha256: 'x' },
      });
    }
    const [answers = '', ages = ''] = answerKeys(REDIS_PREFIX, scope.org_id, 's');
    const all = await connection.run((client) => client.hgetall(answers));
    expect(Object.keys(all)).toHaveLength(51);
    expect(JSON.stringify(all).length).toBeLessThan(5000 + 50 * 700);
    for (const key of [answers, ages]) {
      expect(await connection.run((client) => client.pexpiretime(key))).toBe(now + 52 + 24 * HOUR);
    }
  });

  it('drops answers that are too old while others come', async () => {
    const record = sessionRecord(now, { session_id: 's', ttl_seconds: 30 * 24 * 3600 });
    await store.create(scope, record, [], now);
    for (let n = 1; n < 40; n += 1) {
      await store.append(scope, 's', [testMessage(n)], now + n * HOUR, {
        keyed: { key: `k${n}`, operation: 'append', request_sha256: 'x' },
      });
    }
    for (const key of answerKeys(REDIS_PREFIX, scope.org_id, 's')) {
      const type = await connection.run((client) => client.type(key));
      const size = await connection.run((client) => (type === 'hash' ? client.hlen(key) : client.zcard(key)));
      expect(size).toBe(25);
    }
  });

  it('leaves no key of sessions that were deleted, once swept', async () => {
    await begin('s');
    await store.delete(scope, 's', now);
    await store.sweep(now + 2 * HOUR, 10);
    expect(await keys()).toEqual(orgsOnly);
  });

  it.each([1, 2])('takes a session as gone of which Redis evicted a part (key %i)', async (part) => {
    await begin('s');
    const evicted = sessionKeys(REDIS_PREFIX, scope.org_id, 's')[part] ?? '';
    await connection.run((client) => client.del(evicted));
    expect(await store.get(scope, 's', now)).toBeUndefined();
    expect(await listed()).toEqual([]);
    const anew = await store.append(scope, 's', [testMessage(1)], now, {
      begin: sessionRecord(now, { session_id: 's' }),
    });
    expect(anew?.session).toMatchObject({ message_count: 1, token_count: 1 });
  });

  describe('when the server', () => {
    afterEach(async () => {
      vi.restoreAllMocks();
      server.thaw();
      await connection.run((client) => client.config('SET', 'maxmemory', '0'));
    });

    it('is stopped, says so in every call, and works again with the same sessions once it is back', async () => {
      await begin('s');
      await server.stop();
      await expectUnavailable(everyCall(store, scope, now), new RegExp(`Redis at 127.0.0.1:${server.port} is away`));
      // Later calls do not wait any more; they fail all the same.
      await expectUnavailable(everyCall(store, scope, now), /ECONNREFUSED/);
      await server.restart();
      await untilBack(store);
      expect(await store.get(scope, 's', now)).toMatchObject({ message_count: 2 });
      expect((await store.append(scope, 's', [testMessage(3)], now))?.added).toBe(1);
    });

    it('crashes under calls, fails those and sends none of them later', async () => {
      await begin('s');
      server.freeze();
      const appended = store.append(scope, 's', [testMessage(3)], now);
      const failed = expectUnavailable([appended]);
      await server.stop('SIGKILL');
      await failed;
      await server.restart();
      await untilBack(store);
      expect(await store.get(scope, 's', now)).toMatchObject({ message_count: 2 });
    });

    it('does not answer, fails every call instead of hanging', async () => {
      await begin('kept');
      server.freeze();
      await expectUnavailable(everyCall(store, scope, now));
      server.thaw();
      await untilBack(store);
      expect(await store.get(scope, 'kept', now)).toBeDefined();
    });

    it('is out of memory, says what to do and keeps what is there', async () => {
      await begin('s');
      await connection.run((client) => client.config('SET', 'maxmemory', '1'));
      await expectUnavailable([store.append(scope, 's', [testMessage(3)], now)], /out of memory: raise maxmemory/);
      expect(await store.get(scope, 's', now, false)).toMatchObject({ message_count: 2 });
    });

    it('may evict sessions, is told of by the ping', async () => {
      await connection.run((client) => client.config('SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru'));
      expect((await store.ping()).detail).toMatch(/^Redis \d.*; maxmemory-policy allkeys-lru drops sessions/);
      await connection.run((client) => client.config('SET', 'maxmemory-policy', 'noeviction'));
      expect((await store.ping()).detail).toMatch(/^Redis [\d.]+$/);
    });

    it('asks for a login, says which settings to check', async () => {
      await connection.run((client) => client.acl('SETUSER', 'archon', 'on', '>p%ss@word', '~*', '+@all', '-info'));
      const login = (user: string) => `redis://${user}@127.0.0.1:${server.port}`;
      const wrong = new RedisSessionStore(connectRedis({ 'redis.url': login('archon:wrong') }), REDIS_PREFIX);
      await expectUnavailable([wrong.get(scope, 's', now)], /refuses the login: check user and password in redis\.url/);
      await wrong.close();
      // ioredis warns of the INFO that this user may not run.
      vi.spyOn(console, 'warn').mockImplementation(() => {});
      const right = new RedisSessionStore(connectRedis({ 'redis.url': login('archon:p%25ss%40word') }), REDIS_PREFIX);
      await begin('s');
      expect(await right.get(scope, 's', now)).toBeDefined();
      expect((await right.ping()).detail).toMatch(/unknown version/);
      await right.close();
    });
  });

  it('uses the database that the URL names', async () => {
    const other = new RedisSessionStore(connectRedis({ 'redis.url': `${server.url}/3` }), REDIS_PREFIX);
    await begin('s');
    expect(await other.get(scope, 's', now)).toBeUndefined();
    await other.close();
  });

  it('connects again when the client library gave up', async () => {
    const other = connectRedis({ 'redis.url': server.url });
    const resilient = new RedisSessionStore(other, REDIS_PREFIX);
    await begin('s');
    await resilient.ping();
    other.client.disconnect();
    await untilBack(resilient);
    expect(await resilient.get(scope, 's', now)).toBeDefined();
    await resilient.close();
  });

  it('fails at once after it was closed', async () => {
    const closed = new RedisSessionStore(connectRedis({ 'redis.url': server.url }), REDIS_PREFIX);
    await closed.ping();
    await closed.close();
    await expectUnavailable(everyCall(closed, scope, now));
  });
});
