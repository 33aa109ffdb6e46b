/** The Redis store on the ways to run Redis: with TLS, as a Cluster, under Sentinels. */
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisSessionStore } from '../../../src-main/storage/sessions/redis-session-store.ts';
import { SessionStoreUnavailableError } from '../../../src-main/storage/sessions/session-store.ts';
import {
  type RedisCluster,
  type RedisSentinel,
  redisAvailable,
  redisTlsAvailable,
  startRedisCluster,
  startRedisSentinel,
  startRedisTls,
  until,
} from '../../support/redis-server.ts';
import {
  connectRedis,
  newScope,
  REDIS_PREFIX,
  sessionRecord,
  testMessage,
  testMessages,
} from '../../support/session-backends.ts';
import { everyCall, expectUnavailable, untilBack } from '../../support/session-outages.ts';

describe.skipIf(!redisTlsAvailable)('sessions in Redis over TLS', () => {
  const trusted = getCACertificates('default');
  let redis: Awaited<ReturnType<typeof startRedisTls>>;
  beforeAll(async () => {
    redis = await startRedisTls();
  });
  afterAll(async () => {
    setDefaultCACertificates(trusted);
    await redis.server.remove();
  });

  it('are refused a server whose certificate is not trusted, and work with one that is', async () => {
    const scope = newScope();
    const now = Date.now();
    const open = () => new RedisSessionStore(connectRedis({ 'redis.url': redis.tls_url }), REDIS_PREFIX);
    const distrusting = open();
    await expectUnavailable([distrusting.get(scope, 's', now)], /self-signed certificate/);
    await distrusting.close();
    setDefaultCACertificates([...trusted, redis.certificate]);
    const trusting = open();
    expect((await trusting.create(scope, sessionRecord(now), [], now)).created).toBe(true);
    await trusting.close();
  });
});

describe.skipIf(!redisAvailable)('sessions in a Redis Cluster', () => {
  let cluster: RedisCluster;
  let store: RedisSessionStore;
  beforeAll(async () => {
    cluster = await startRedisCluster();
    store = new RedisSessionStore(connectRedis({ 'redis.cluster_nodes': cluster.nodes }), REDIS_PREFIX);
  });
  afterAll(async () => {
    await store.close();
    await cluster.remove();
  });

  it('are spread over the nodes', async () => {
    const scope = newScope();
    const now = Date.now();
    for (let i = 0; i < 30; i += 1) {
      await store.create(scope, sessionRecord(now, { session_id: `s-${i}`, user_id: `u-${i}` }), [], now);
    }
    const sizes = await Promise.all(
      cluster.servers.map(async ({ url }) => {
        const node = connectRedis({ 'redis.url': url });
        const size = await node.run((client) => client.dbsize());
        await node.close();
        return size;
      }),
    );
    for (const size of sizes) expect(size).toBeGreaterThan(0);
  });

  it('are not reached through redis.url, which is said', async () => {
    const [first] = cluster.servers;
    const wrong = new RedisSessionStore(connectRedis({ 'redis.url': first?.url ?? '' }), REDIS_PREFIX);
    const calls = Array.from({ length: 10 }, (_, i) => wrong.get(newScope(), `s-${i}`, Date.now()));
    const outcomes = await Promise.allSettled(calls);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason.message);
    expect(refused.length).toBeGreaterThan(0);
    for (const message of refused) expect(message).toMatch(/set redis\.cluster_nodes instead of redis\.url/);
    await wrong.close();
  });

  it('fail instead of hanging when a node does not answer, and work again once it does', async () => {
    const [, second] = cluster.servers;
    const scope = newScope();
    second?.freeze();
    const calls = Array.from({ length: 30 }, (_, i) => store.get(scope, `s-${i}`, Date.now()));
    const outcomes = await Promise.allSettled(calls);
    const reasons = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason).toBeInstanceOf(SessionStoreUnavailableError);
    second?.thaw();
    await until(async () => {
      const again = await Promise.allSettled(calls.map((_, i) => store.get(scope, `s-${i}`, Date.now())));
      return again.every(({ status }) => status === 'fulfilled');
    });
  });

  it('fail when all nodes are away, and are unchanged once they are back', async () => {
    const scope = newScope();
    const now = Date.now();
    await store.create(scope, sessionRecord(now), testMessages(1, 2), now);
    await Promise.all(cluster.servers.map((server) => server.stop()));
    const append = () => store.append(scope, 'session-1', [testMessage(3)], now);
    await expectUnavailable([append(), append(), ...everyCall(store, scope, now)]);
    await Promise.all(cluster.servers.map((server) => server.restart()));
    await untilBack(store);
    const read = () => store.get(scope, 'session-1', now, false).catch(() => undefined);
    await until(async () => (await read()) !== undefined);
    expect(await read()).toMatchObject({ message_count: 2 });
  });
});

describe.skipIf(!redisAvailable)('sessions in Redis under Sentinels', () => {
  let sentinel: RedisSentinel;
  let store: RedisSessionStore;
  beforeAll(async () => {
    sentinel = await startRedisSentinel();
    const settings = { 'redis.sentinels': sentinel.sentinels, 'redis.sentinel_name': sentinel.name };
    store = new RedisSessionStore(connectRedis(settings), REDIS_PREFIX);
  });
  afterAll(async () => {
    await store.close();
    await sentinel.remove();
  });

  it('move to the replica when the primary dies', async () => {
    const scope = newScope();
    const now = Date.now();
    await store.create(scope, sessionRecord(now), testMessages(1, 3), now);
    await until(async () => (await replicaKeys()) >= 4);
    await sentinel.primary.stop('SIGKILL');
    await until(() =>
      store.append(scope, 'session-1', [testMessage(4)], now).then(
        () => true,
        () => false,
      ),
    );
    const stored = await store.messages(scope, 'session-1', { order: 'oldest_first', limit: 10 }, now);
    expect(stored?.map(({ message }) => message.message_id)).toEqual([
      'message-1',
      'message-2',
      'message-3',
      'message-4',
    ]);
  });

  async function replicaKeys(): Promise<number> {
    const replica = connectRedis({ 'redis.url': sentinel.replica.url });
    const size = await replica.run((client) => client.dbsize());
    await replica.close();
    return size;
  }
});

describe.skipIf(!redisAvailable)('sessions in Redis under Sentinels with a password', () => {
  let sentinel: RedisSentinel;
  beforeAll(async () => {
    sentinel = await startRedisSentinel('hunter2');
  });
  afterAll(() => sentinel.remove());

  const open = (settings: Parameters<typeof connectRedis>[0]) =>
    new RedisSessionStore(
      connectRedis({ 'redis.sentinels': sentinel.sentinels, 'redis.sentinel_name': sentinel.name, ...settings }),
      REDIS_PREFIX,
    );

  it('work with the password, with the name of the default user or without', async () => {
    const scope = newScope();
    const now = Date.now();
    for (const username of [null, 'default']) {
      const store = open({ 'redis.sentinel_username': username, 'redis.sentinel_password': 'hunter2' });
      await store.create(scope, sessionRecord(now, { session_id: `of-${username}` }), [], now);
      expect(await store.get(scope, `of-${username}`, now)).toBeDefined();
      await store.close();
    }
  });

  it.each([
    ['none', null],
    ['a wrong one', 'hunter3'],
  ])('say with %s which keys to check, and not the password', async (_what, password) => {
    const scope = newScope();
    const store = open({ 'redis.sentinel_password': password });
    await expectUnavailable(
      [store.get(scope, 's', Date.now())],
      /Sentinels refuse the login: check redis\.sentinel_username and redis\.sentinel_password \((?!.*hunter)/,
    );
    await store.close();
  });
});
