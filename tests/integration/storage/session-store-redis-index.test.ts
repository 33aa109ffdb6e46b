/** The index of sessions in Redis, which cannot change in one step with the sessions: what a crash leaves is mended. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../../../src-contract/index.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import type { RedisConnection } from '../../../src-main/storage/sessions/redis-connection.ts';
import { answerKeys, outboxKey, sessionKeys, userIndexKeys } from '../../../src-main/storage/sessions/redis-keys.ts';
import { runScript } from '../../../src-main/storage/sessions/redis-scripts.ts';
import { keyArguments, recordArguments } from '../../../src-main/storage/sessions/redis-session-codec.ts';
import { RedisSessionIndex } from '../../../src-main/storage/sessions/redis-session-index.ts';
import { RedisSessionStore } from '../../../src-main/storage/sessions/redis-session-store.ts';
import { type RedisServer, redisAvailable, startRedis } from '../../support/redis-server.ts';
import { connectRedis, newScope, REDIS_PREFIX, sessionRecord, testMessages } from '../../support/session-backends.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;

describe.skipIf(!redisAvailable)('the index of sessions in Redis', () => {
  let server: RedisServer;
  let connection: RedisConnection;
  let store: RedisSessionStore;
  let index: RedisSessionIndex;
  let scope: Scope;
  let now: number;
  beforeAll(async () => {
    server = await startRedis();
    connection = connectRedis({ 'redis.url': server.url });
    store = new RedisSessionStore(connection, REDIS_PREFIX);
    index = new RedisSessionIndex(connection, REDIS_PREFIX);
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
  /** Ids of all pages. */
  const listPages = async (limit: number) => {
    const ids: string[] = [];
    for (let after: Session | undefined; ; ) {
      const page = await store.list(scope, 'ada', { limit, ...(after ? { after } : {}) }, now);
      ids.push(...page.map(({ session_id }) => session_id));
      after = page.at(-1);
      if (!after) return ids;
    }
  };
  /** But for the outbox, whose events wait to be taken. */
  const keys = async () =>
    (await connection.run((client) => client.keys('*'))).filter((key) => key !== outboxKey(REDIS_PREFIX, undefined));
  const orgsOnly = [`${REDIS_PREFIX}orgs`];

  it('follows an access without being read', async () => {
    await begin('s');
    await store.get(scope, 's', now + SECOND);
    expect(await index.allEntries(scope.org_id, 'ada')).toEqual([{ session_id: 's', accessed_ms: now + SECOND }]);
    expect(await index.expiredIds(scope.org_id, 'ada', now + HOUR, 10)).toEqual([]);
    expect(await index.expiredIds(scope.org_id, 'ada', now + SECOND + HOUR, 10)).toEqual(['s']);
  });

  it('is kept longer than its sessions, not for ever', async () => {
    await begin('s');
    for (const key of userIndexKeys(REDIS_PREFIX, scope.org_id, 'ada')) {
      const end = await connection.run((client) => client.pexpiretime(key));
      expect(end).toBeGreaterThan(now + 2 * HOUR);
    }
  });

  it('keeps what was written again since a reader looked', async () => {
    await begin('s');
    const seen = { session_id: 's', accessed_ms: now, expires_ms: now + HOUR };
    await store.get(scope, 's', now + SECOND);
    const current = [{ session_id: 's', accessed_ms: now + SECOND }];
    await index.correct(scope.org_id, 'ada', [
      { kind: 'deleted', session_id: 's', accessed_ms: now },
      { kind: 'moved', seen_ms: now, times: { ...seen, accessed_ms: now - HOUR } },
      { kind: 'gone', session_id: 's', by_ms: now + HOUR },
      { kind: 'outlived', by_ms: now + HOUR, times: { ...seen, accessed_ms: now - HOUR } },
    ]);
    expect(await index.allEntries(scope.org_id, 'ada')).toEqual(current);
    await index.settleUser(scope.org_id, 'ada', now + HOUR, undefined);
    expect(await index.userIds(scope.org_id, undefined, 10)).toEqual(['ada']);
    expect(await index.correct(scope.org_id, 'ada', [{ kind: 'gone', session_id: 's', by_ms: now + 2 * HOUR }])).toBe(
      undefined,
    );
    await index.settleUser(scope.org_id, 'ada', now + SECOND + HOUR, undefined);
    expect(await index.userIds(scope.org_id, undefined, 10)).toEqual([]);
  });

  it('does not bring back an entry that was dropped in the meantime', async () => {
    const times = { session_id: 's', accessed_ms: now, expires_ms: now + HOUR };
    await index.correct(scope.org_id, 'ada', [{ kind: 'moved', seen_ms: now, times }]);
    expect(await index.allEntries(scope.org_id, 'ada')).toEqual([]);
  });

  describe('when a process died half-way', () => {
    const announced = { session_id: 's', accessed_ms: 0, expires_ms: 0 };
    beforeEach(() => {
      announced.accessed_ms = now;
      announced.expires_ms = now + HOUR;
    });

    it('does not show a session that was announced and never begun, and sweeps it', async () => {
      await index.announce(scope.org_id, 'ada', announced);
      expect(await listed()).toEqual([]);
      expect(await store.totals(scope, 'ada', now)).toEqual({ sessions: 0, messages: 0, tokens: 0 });
      expect(await store.users(scope, { limit: 10 }, now)).toEqual([]);
      await store.sweep(now + HOUR, 10);
      expect(await keys()).toEqual(orgsOnly);
    });

    it('finds a session begun after a reader saw its entry without it', async () => {
      await index.announce(scope.org_id, 'ada', announced);
      await listed();
      await store.sweep(now, 10);
      const keys = [
        ...sessionKeys(REDIS_PREFIX, scope.org_id, 's'),
        ...answerKeys(REDIS_PREFIX, scope.org_id, 's'),
        outboxKey(REDIS_PREFIX, undefined),
      ];
      await runScript(connection, 'sessionCreate', keys, [
        now,
        ...keyArguments(undefined),
        ...store.outbox.originArguments(scope, 's', now),
        'messages',
        ...recordArguments(sessionRecord(now, { session_id: 's' })),
      ]);
      expect(await listed()).toEqual(['s']);
      expect(await store.users(scope, { limit: 10 }, now)).toEqual([{ user_id: 'ada', session_count: 1 }]);
    });

    it('puts a session in its place that was accessed without its entry being raised', async () => {
      await begin('s');
      await begin('t', now + SECOND);
      await runScript(connection, 'sessionAccess', sessionKeys(REDIS_PREFIX, scope.org_id, 's'), [now + 5 * SECOND]);
      expect(await listed()).toEqual(['s', 't']);
      const [first] = await store.list(scope, 'ada', { limit: 1 }, now);
      expect(first?.session_id).toBe('s');
      const rest = await store.list(scope, 'ada', { limit: 10, ...(first ? { after: first } : {}) }, now);
      expect(rest.map(({ session_id }) => session_id)).toEqual(['t']);
    });

    it('does not lose a session that outlived its entry', async () => {
      await begin('s');
      const later = now + HOUR - SECOND;
      await runScript(connection, 'sessionAccess', sessionKeys(REDIS_PREFIX, scope.org_id, 's'), [later]);
      await store.sweep(now + HOUR, 10);
      expect(await listed(now + HOUR)).toEqual(['s']);
      expect(await store.users(scope, { limit: 10 }, now + HOUR)).toEqual([{ user_id: 'ada', session_count: 1 }]);
      expect(await store.sweep(later + HOUR, 10)).toBe(1);
      expect(await keys()).toEqual(orgsOnly);
    });

    it('shows each session once, in order, while entries are behind or ahead of their sessions', async () => {
      // More than a page reads ahead, so that the wrong entries are met late.
      const ids = Array.from({ length: 40 }, (_, i) => `s-${String(i).padStart(2, '0')}`);
      for (const [i, session_id] of ids.entries()) await begin(session_id, now + i * SECOND);
      await runScript(connection, 'sessionAccess', sessionKeys(REDIS_PREFIX, scope.org_id, 's-00'), [now + HOUR / 2]);
      for (const session_id of ids.slice(1, 13)) {
        const ahead = { session_id, accessed_ms: now + HOUR / 4, expires_ms: now + HOUR };
        await index.raise(scope.org_id, 'ada', ahead);
      }
      const newestFirst = ids.toReversed();
      // As if it had been accessed after the first page was read: it is on top of the next list.
      expect(await listPages(3)).toEqual(newestFirst.slice(0, -1));
      expect(await listPages(3)).toEqual(['s-00', ...newestFirst.slice(0, -1)]);
    });

    it('does not show a deleted session whose entry stayed', async () => {
      await begin('s');
      await connection.run((client) => client.del(...sessionKeys(REDIS_PREFIX, scope.org_id, 's')));
      expect(await listed()).toEqual([]);
      expect(await store.users(scope, { limit: 10 }, now)).toEqual([]);
      await begin('s');
      expect(await listed()).toEqual(['s']);
    });

    it('does not show a session to a user who had one of this name before', async () => {
      await index.announce(scope.org_id, 'bob', announced);
      await begin('s');
      expect(await store.list(scope, 'bob', { limit: 10 }, now)).toEqual([]);
      expect(await store.totals(scope, 'bob', now)).toEqual({ sessions: 0, messages: 0, tokens: 0 });
      expect(await store.eraseUser(scope, 'bob', now)).toBe(0);
      expect(await listed()).toEqual(['s']);
    });
  });
});
