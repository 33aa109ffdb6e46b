/** What every session store does, run over SQLite, a Redis server and a Redis Cluster. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../../../src-contract/index.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import type {
  AppendOptions,
  KeyedRequest,
  SessionPosition,
  SessionStore,
} from '../../../src-main/storage/sessions/session-store.ts';
import {
  iso,
  newScope,
  type RunningBackend,
  SESSION_BACKENDS,
  sessionRecord,
  testMessage,
  testMessages,
} from '../../support/session-backends.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;

describe.each(SESSION_BACKENDS)('sessions in $name', ({ available, start }) => {
  if (!available) {
    it.skip('needs redis-server');
    return;
  }
  let backend: RunningBackend;
  let store: SessionStore;
  let scope: Scope;
  /** The tests' clock: Redis lets keys expire by its own, so it starts at the real time. */
  let now: number;
  /** Seconds that sessions of an organisation live, where the settings say it. */
  const ttls = new Map<string, number>();
  beforeAll(async () => {
    backend = await start({ ttlOf: (org_id) => ttls.get(org_id) });
    store = backend.store;
  });
  afterAll(() => backend.remove());
  beforeEach(() => {
    scope = newScope();
    now = Date.now();
  });

  const begin = async (session_id: string, messages = 0, user_id = 'ada'): Promise<Session> => {
    const record = sessionRecord(now, { session_id, user_id });
    return (await store.create(scope, record, testMessages(1, messages), now)).session;
  };
  /** Ids of all pages of a list, `limit` a page; `between` runs after each page. */
  const listAll = async (limit: number, between: () => Promise<unknown> = async () => {}): Promise<string[]> => {
    const ids: string[] = [];
    let after: SessionPosition | undefined;
    for (;;) {
      const page = await store.list(scope, 'ada', { limit, ...(after ? { after } : {}) }, now);
      ids.push(...page.map(({ session_id }) => session_id));
      after = page.at(-1);
      if (!after || page.length < limit) return ids;
      await between();
    }
  };
  const contents = async (session_id: string): Promise<string[] | undefined> => {
    const stored = await store.messages(scope, session_id, { order: 'oldest_first', limit: 100_000 }, now);
    return stored?.map(({ message }) => message.content);
  };

  describe('beginning', () => {
    it('gives back every field exactly as it was stored', async () => {
      const context = {
        active_project_id: 'project "x" \\ {y}',
        active_task_ids: ['ü', '', '💥'],
        mentioned_files: ['/etc/hosts', 'C:\\temp'],
        metadata: { deep: [{ a: [null, true, -1.5, 1e21, 0.1, 'é\n\t'] }], '': {}, 'a.b': 2 ** 53 - 1 },
      };
      const record = sessionRecord(now, { title: 'Trip – "Rome"', context, ttl_seconds: 77 });
      const { session, created } = await store.create(scope, record, testMessages(1, 3), now);
      expect(created).toBe(true);
      expect(session).toEqual({ ...record, org_id: scope.org_id, message_count: 3, token_count: 6 });
      expect(await store.get(scope, 'session-1', now, false)).toEqual(session);
    });

    it('leaves a session that exists already as it is', async () => {
      const first = await begin('s', 2);
      const other = sessionRecord(now + SECOND, { session_id: 's', title: 'other', user_id: 'bob' });
      const again = await store.create(scope, other, testMessages(5, 9), now + SECOND);
      expect(again).toEqual({ session: first, created: false });
      expect(await contents('s')).toHaveLength(2);
      expect(await store.list(scope, 'bob', { limit: 10 }, now)).toEqual([]);
      expect(await listAll(10)).toEqual(['s']);
    });

    it('begins anew in the place of an expired one, without its messages', async () => {
      await begin('s', 5);
      now += HOUR;
      const { session, created } = await store.create(
        scope,
        sessionRecord(now, { session_id: 's', user_id: 'bob' }),
        [testMessage(1)],
        now,
      );
      expect(created).toBe(true);
      expect(session).toMatchObject({ user_id: 'bob', message_count: 1, token_count: 1 });
      expect(await contents('s')).toEqual([testMessage(1).content]);
      expect(await listAll(10)).toEqual([]);
      expect(await store.list(scope, 'bob', { limit: 10 }, now)).toEqual([session]);
    });

    it('begins one session when many begin the same at once', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () => store.create(scope, sessionRecord(now), [testMessage(1)], now)),
      );
      expect(outcomes.filter(({ created }) => created)).toHaveLength(1);
      expect(await store.totals(scope, 'ada', now)).toEqual({ sessions: 1, messages: 1, tokens: 1 });
    });

    it('does not know a session that was never begun', async () => {
      expect(await store.get(scope, 'no', now)).toBeUndefined();
      expect(await store.update(scope, 'no', { title: 'x' }, now)).toBeUndefined();
      expect(await store.append(scope, 'no', [testMessage(1)], now)).toBeUndefined();
      expect(await store.messages(scope, 'no', { order: 'oldest_first', limit: 1 }, now)).toBeUndefined();
      expect(await store.delete(scope, 'no', now)).toBe(false);
      expect(await store.totals(scope, 'ada', now)).toEqual({ sessions: 0, messages: 0, tokens: 0 });
    });
  });

  describe('appending', () => {
    it('adds messages in order and counts them', async () => {
      await begin('s', 2);
      const result = await store.append(scope, 's', testMessages(3, 5), now);
      expect(result?.added).toBe(3);
      expect(result?.messages).toEqual(testMessages(3, 5));
      expect(result?.session).toMatchObject({ message_count: 5, token_count: 15 });
      expect(await contents('s')).toEqual(testMessages(1, 5).map(({ content }) => content));
    });

    it('takes 500 messages at once', async () => {
      await begin('s');
      const result = await store.append(scope, 's', testMessages(1, 500), now);
      expect(result?.added).toBe(500);
      expect(await contents('s')).toEqual(testMessages(1, 500).map(({ content }) => content));
    });

    it('does not add a message id twice and answers with what was stored first', async () => {
      await begin('s', 2);
      const changed = testMessage(1, { content: 'changed', token_count: 1000 });
      const result = await store.append(scope, 's', [changed, testMessage(3), changed, testMessage(3)], now);
      expect(result?.added).toBe(1);
      expect(result?.messages).toEqual([testMessage(1), testMessage(3), testMessage(1), testMessage(3)]);
      expect(result?.session).toMatchObject({ message_count: 3, token_count: 6 });
    });

    it('does not add a message id twice when a session is begun with it', async () => {
      const twice = [testMessage(1), testMessage(1, { content: 'again' }), testMessage(2)];
      const { session } = await store.create(scope, sessionRecord(now), twice, now);
      expect(session).toMatchObject({ message_count: 2, token_count: 3 });
    });

    it('lets two sessions hold the same message id', async () => {
      await begin('a', 1);
      await begin('b', 1);
      expect(await contents('a')).toEqual(await contents('b'));
    });

    it('begins a session that does not exist when asked to', async () => {
      const options = { begin: sessionRecord(now, { session_id: 's', title: 'new' }) };
      const first = await store.append(scope, 's', [testMessage(1)], now, options);
      expect(first?.session).toMatchObject({ session_id: 's', title: 'new', message_count: 1 });
      const second = await store.append(scope, 's', [testMessage(2)], now, {
        begin: sessionRecord(now, { session_id: 's', title: 'newer' }),
      });
      expect(second?.session).toMatchObject({ user_id: 'ada', title: 'new', message_count: 2 });
      expect(await listAll(10)).toEqual(['s']);
      expect(await store.users(scope, { limit: 10 }, now)).toEqual([{ user_id: 'ada', session_count: 1 }]);
    });

    it('leaves a session of another user alone', async () => {
      await begin('s', 2);
      const options = { begin: sessionRecord(now, { session_id: 's', user_id: 'bob' }) };
      await expect(store.append(scope, 's', [testMessage(3)], now, options)).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
      expect(await store.get(scope, 's', now, false)).toMatchObject({ user_id: 'ada', message_count: 2 });
      expect(await store.list(scope, 'bob', { limit: 10 }, now)).toEqual([]);
    });

    it('keeps the words of two users apart who begin the same session at once', async () => {
      for (let round = 0; round < 20; round += 1) {
        const session_id = `s-${round}`;
        const append = (user_id: string) =>
          store.append(scope, session_id, [testMessage(1, { message_id: user_id, content: user_id })], now, {
            begin: sessionRecord(now, { session_id, user_id }),
          });
        const outcomes = await Promise.allSettled([append('ada'), append('bob')]);
        const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
        expect(refused).toEqual(['NOT_FOUND']);
        const session = await store.get(scope, session_id, now, false);
        expect(await contents(session_id)).toEqual([session?.user_id]);
      }
    });

    it('loses no message of many that append at once, and leaves no gap', async () => {
      await begin('s');
      await Promise.all(testMessages(1, 100).map((message) => store.append(scope, 's', [message], now)));
      const stored = await store.messages(scope, 's', { order: 'oldest_first', limit: 1000 }, now);
      expect(stored?.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
      expect(new Set(stored?.map(({ message }) => message.message_id)).size).toBe(100);
      expect(await store.get(scope, 's', now)).toMatchObject({ message_count: 100, token_count: 5050 });
    });

    it('begins one session when many append to the same unknown one', async () => {
      const options = { begin: sessionRecord(now, { session_id: 's' }) };
      await Promise.all(testMessages(1, 20).map((message) => store.append(scope, 's', [message], now, options)));
      expect(await store.totals(scope, 'ada', now)).toEqual({ sessions: 1, messages: 20, tokens: 210 });
    });

    it('keeps a message of 1 MB and metadata exactly', async () => {
      await begin('s');
      const metadata = {
        'k"\\': [1, { a: null }],
        emoji: '👩‍👩‍👧',
        big: 2 ** 53 - 1,
        small: -1e-7,
        list: [],
        none: {},
      };
      const message = testMessage(1, { content: 'é😀"\\\n'.repeat(130_000), metadata });
      await store.append(scope, 's', [message], now);
      const stored = await store.messages(scope, 's', { order: 'newest_first', limit: 1 }, now);
      expect(stored).toEqual([{ seq: 1, message }]);
    });
  });

  describe('reading messages', () => {
    const seqs = async (range: Parameters<SessionStore['messages']>[2]) =>
      (await store.messages(scope, 's', range, now))?.map(({ seq, message }) => {
        expect(message).toEqual(testMessage(seq));
        return seq;
      });

    it('pages from both ends, before and after a place', async () => {
      await begin('s', 10);
      expect(await seqs({ order: 'oldest_first', limit: 3 })).toEqual([1, 2, 3]);
      expect(await seqs({ order: 'oldest_first', after: 3, limit: 3 })).toEqual([4, 5, 6]);
      expect(await seqs({ order: 'oldest_first', after: 9, limit: 3 })).toEqual([10]);
      expect(await seqs({ order: 'oldest_first', after: 10, limit: 3 })).toEqual([]);
      expect(await seqs({ order: 'oldest_first', after: 2, before: 5, limit: 9 })).toEqual([3, 4]);
      expect(await seqs({ order: 'newest_first', limit: 3 })).toEqual([10, 9, 8]);
      expect(await seqs({ order: 'newest_first', before: 8, limit: 3 })).toEqual([7, 6, 5]);
      expect(await seqs({ order: 'newest_first', before: 2, limit: 3 })).toEqual([1]);
      expect(await seqs({ order: 'newest_first', before: 1, limit: 3 })).toEqual([]);
      expect(await seqs({ order: 'newest_first', after: 4, before: 9, limit: 2 })).toEqual([8, 7]);
      expect(await seqs({ order: 'newest_first', limit: 0 })).toEqual([]);
      expect(await seqs({ order: 'oldest_first', limit: 0 })).toEqual([]);
    });

    it('has none of an empty session', async () => {
      await begin('s');
      expect(await seqs({ order: 'oldest_first', limit: 3 })).toEqual([]);
    });

    it('is no access', async () => {
      const session = await begin('s', 1);
      await store.messages(scope, 's', { order: 'oldest_first', limit: 1 }, now + SECOND);
      expect(await store.get(scope, 's', now + SECOND, false)).toEqual(session);
    });
  });

  describe('access', () => {
    it('moves the last access and the end with get, append and update', async () => {
      await begin('s');
      for (const access of [
        () => store.get(scope, 's', now),
        () => store.append(scope, 's', [], now),
        () => store.update(scope, 's', {}, now),
      ]) {
        now += 50 * SECOND;
        await access();
        expect(await store.get(scope, 's', now, false)).toMatchObject({
          last_accessed_at: iso(now),
          expires_at: iso(now + HOUR),
        });
      }
    });

    it('leaves the times as they are when told so', async () => {
      const { last_accessed_at, expires_at } = await begin('s');
      await store.get(scope, 's', now + SECOND, false);
      const result = await store.append(scope, 's', [testMessage(1)], now + SECOND, { touch: false });
      expect(result?.session).toMatchObject({ last_accessed_at, expires_at, message_count: 1 });
    });

    it('changes a session without an access when told so', async () => {
      const { last_accessed_at, expires_at } = await begin('s');
      const changed = await store.update(scope, 's', { title: 'Rome' }, now + SECOND, undefined, false);
      expect(changed).toMatchObject({ title: 'Rome', last_accessed_at, expires_at });
      expect(await store.get(scope, 's', now + SECOND, false)).toEqual(changed);
    });

    it('moves the last access to a time that is given, never back, and the end not at all', async () => {
      for (const session_id of ['a', 'b']) await begin(session_id);
      const { expires_at } = await begin('s');
      const accessed = async (time: number, options: AppendOptions = {}) =>
        await store.append(scope, 's', [], now + HOUR / 2, { ...options, touch: { accessed_at: iso(time) } });
      now += SECOND;
      expect((await accessed(now - 2 * SECOND))?.session).toMatchObject({ last_accessed_at: iso(now - SECOND) });
      expect(await listAll(2)).toEqual(['s', 'b', 'a']);
      await store.get(scope, 'a', now);
      expect((await accessed(now + SECOND))?.session).toMatchObject({
        last_accessed_at: iso(now + SECOND),
        expires_at,
      });
      expect(await listAll(2)).toEqual(['s', 'a', 'b']);
      await store.delete(scope, 's', now);
      const record = sessionRecord(now - 9 * SECOND, { session_id: 's' });
      const begun = await accessed(now - 5 * SECOND, { begin: record });
      expect(begun?.session).toMatchObject({ last_accessed_at: iso(now - 5 * SECOND), expires_at: record.expires_at });
      expect(await listAll(2)).toEqual(['a', 'b', 's']);
    });

    it('keeps a session alive that is used within its time', async () => {
      await begin('s', 1);
      for (let i = 0; i < 5; i += 1) {
        now += HOUR - SECOND;
        expect(await store.get(scope, 's', now)).toBeDefined();
      }
      expect(await contents('s')).toHaveLength(1);
      expect(await listAll(10)).toEqual(['s']);
      expect(await store.users(scope, { limit: 10 }, now)).toEqual([{ user_id: 'ada', session_count: 1 }]);
    });

    it('changes title, context and life time, and only what is given', async () => {
      const { context } = await begin('s', 2);
      expect(await store.update(scope, 's', { title: 'Rome' }, now)).toMatchObject({ title: 'Rome', context });
      const changed = { ...context, active_project_id: 'p', metadata: { a: [1] } };
      expect(await store.update(scope, 's', { context: changed }, now)).toMatchObject({
        title: 'Rome',
        context: changed,
      });
      const shorter = await store.update(scope, 's', { ttl_seconds: 30, title: null }, now);
      expect(shorter).toMatchObject({ title: null, ttl_seconds: 30, expires_at: iso(now + 30 * SECOND) });
      expect(await store.get(scope, 's', now, false)).toEqual(shorter);
      expect(shorter).toMatchObject({ message_count: 2, token_count: 3, context: changed });
      expect(await store.get(scope, 's', now + 30 * SECOND)).toBeUndefined();
    });
  });

  describe('life time', () => {
    it('is that of the settings, read anew at each touch, for sessions without one of their own', async () => {
      ttls.set(scope.org_id, 600);
      await store.create(scope, sessionRecord(now, { session_id: 's', ttl_seconds: 600, follows_ttl: true }), [], now);
      await store.create(scope, sessionRecord(now, { session_id: 'own', ttl_seconds: 600 }), [], now);
      ttls.set(scope.org_id, 60);
      const until = (session: Session | undefined) => session && [session.ttl_seconds, session.expires_at];
      const before = await store.get(scope, 's', now, false);
      expect(before?.ttl_seconds).toBe(600);
      expect(until(await store.get(scope, 's', now))).toEqual([60, iso(now + 60 * SECOND)]);
      expect(until(await store.get(scope, 'own', now))).toEqual([600, iso(now + 600 * SECOND)]);
      ttls.set(scope.org_id, 90);
      const appended = await store.append(scope, 's', testMessages(1, 1), now);
      expect(until(appended?.session)).toEqual([90, iso(now + 90 * SECOND)]);
      ttls.set(scope.org_id, 120);
      expect(until(await store.update(scope, 's', { title: 'Rome' }, now))).toEqual([120, iso(now + 120 * SECOND)]);
      expect(await store.get(scope, 's', now + 120 * SECOND)).toBeUndefined();
    });

    it('stays the one that a session was given', async () => {
      ttls.set(scope.org_id, 600);
      await store.create(scope, sessionRecord(now, { session_id: 's', ttl_seconds: 600, follows_ttl: true }), [], now);
      await store.update(scope, 's', { ttl_seconds: 30 }, now);
      expect(await store.get(scope, 's', now)).toMatchObject({ ttl_seconds: 30, expires_at: iso(now + 30 * SECOND) });
      const begin = sessionRecord(now, { session_id: 't', ttl_seconds: 600, follows_ttl: true });
      ttls.set(scope.org_id, 300);
      const begun = await store.append(scope, 't', testMessages(1, 1), now, { begin });
      expect(begun?.session).toMatchObject({ ttl_seconds: 300, expires_at: iso(now + 300 * SECOND) });
      expect(begun?.session).not.toHaveProperty('follows_ttl');
    });
  });

  describe('changes of the context', () => {
    it('replace the members given and leave the others, whatever they hold', async () => {
      const metadata = { none: {}, list: [], deep: [{ a: 1e21 }] };
      await store.create(
        scope,
        sessionRecord(now, {
          session_id: 's',
          context: { active_project_id: null, active_task_ids: [], mentioned_files: ['a'], metadata },
        }),
        [],
        now,
      );
      const context = { active_project_id: 'p', active_task_ids: [], mentioned_files: ['a'], metadata };
      expect(await store.update(scope, 's', { context: { active_project_id: 'p' } }, now)).toMatchObject({ context });
      expect(await store.update(scope, 's', { context: {} }, now)).toMatchObject({ context });
      const emptied = await store.update(scope, 's', { context: { mentioned_files: [], metadata: {} } }, now);
      expect(emptied?.context).toEqual({ ...context, mentioned_files: [], metadata: {} });
    });

    it('all stay when they come at once', async () => {
      for (let round = 0; round < 20; round += 1) {
        const session_id = `s-${round}`;
        await begin(session_id);
        const context = {
          active_project_id: 'p',
          active_task_ids: ['t'],
          mentioned_files: ['a.ts'],
          metadata: { a: [1] },
        };
        await Promise.all([
          ...Object.entries(context).map(([name, value]) =>
            store.update(scope, session_id, { context: { [name]: value } }, now),
          ),
          store.update(scope, session_id, { title: 'named' }, now),
        ]);
        expect(await store.get(scope, session_id, now)).toMatchObject({ context, title: 'named' });
      }
    });
  });

  describe('with an idempotency key', () => {
    const keyed = (operation: string, request: string, key = 'k'): KeyedRequest => ({
      key,
      operation,
      request_sha256: request,
    });
    const REUSED = { code: 'IDEMPOTENCY_KEY_REUSED' };
    const context = {
      active_project_id: null,
      active_task_ids: [],
      mentioned_files: Array.from({ length: 50 }, (_, i) => `src/file-${i}.ts`),
      metadata: { none: {}, list: [] },
    };

    it('a session is begun once, and its first answer stays the answer', async () => {
      const create = (at_ms: number, request = 'a') =>
        store.create(
          scope,
          sessionRecord(at_ms, { session_id: 's', title: 'Trip', context }),
          [testMessage(1)],
          at_ms,
          keyed('create', request),
        );
      const first = await create(now);
      await store.append(scope, 's', [testMessage(2)], now);
      await store.update(scope, 's', { title: 'other', context: { mentioned_files: [] } }, now);
      expect(await create(now + SECOND)).toEqual(first);
      expect(await store.get(scope, 's', now, false)).toMatchObject({ title: 'other', message_count: 2 });
      await expect(create(now + SECOND, 'b')).rejects.toMatchObject(REUSED);
      await store.delete(scope, 's', now);
      expect(await create(now + 2 * SECOND)).toEqual(first);
      expect(await store.get(scope, 's', now, false)).toBeUndefined();
    });

    it('does not pass off a session that somebody else began as begun', async () => {
      const existing = await begin('s');
      const again = await store.create(scope, sessionRecord(now, { session_id: 's' }), [], now, keyed('create', 'a'));
      expect(again).toEqual({ session: existing, created: false });
    });

    it('messages are appended once, and answered as they were then', async () => {
      await begin('s', 1);
      await store.update(scope, 's', { context }, now);
      const append = (text: string, at_ms: number, id: string) =>
        store.append(
          scope,
          's',
          [
            testMessage(1, { content: 'held before' }),
            testMessage(8, { message_id: id, content: text, timestamp: iso(at_ms) }),
          ],
          at_ms,
          { keyed: keyed('append', text) },
        );
      const first = await append('new', now, 'made-1');
      expect(first?.added).toBe(1);
      await store.update(scope, 's', { title: 'other', context: { mentioned_files: [] } }, now);
      await store.append(scope, 's', [testMessage(3)], now);
      expect(await append('new', now + SECOND, 'made-2')).toEqual(first);
      expect(await contents('s')).toEqual([testMessage(1).content, 'new', testMessage(3).content]);
      await expect(append('other', now + SECOND, 'made-3')).rejects.toMatchObject(REUSED);
      expect(await contents('s')).toHaveLength(3);
    });

    it('an append answers with nothing of a later session under the same id', async () => {
      const append = (user_id: string) =>
        store.append(scope, 's', [testMessage(1, { content: 'mine' })], now, {
          begin: sessionRecord(now, { session_id: 's', user_id }),
          keyed: keyed('append', user_id),
        });
      await begin('s', 0);
      await store.append(scope, 's', [testMessage(1, { content: 'mine, before' })], now);
      const first = await append('ada');
      expect(first).toMatchObject({ added: 0, messages: [{ content: 'mine, before' }] });
      await store.delete(scope, 's', now);
      await store.create(
        scope,
        sessionRecord(now, { session_id: 's', user_id: 'bob' }),
        [testMessage(1, { content: 'a secret of Bob' })],
        now,
      );
      expect(await append('ada')).toEqual({ ...first, messages: [testMessage(1, { content: 'mine' })] });
    });

    it('a change is made once, whatever was changed since', async () => {
      await begin('s');
      const change = (title: string) => store.update(scope, 's', { title, context }, now, keyed('update', title));
      const first = await change('first');
      const second = await store.update(scope, 's', { title: 'second', context: { metadata: { b: 1 } } }, now);
      expect(await change('first')).toEqual(first);
      expect(await store.get(scope, 's', now, false)).toEqual(second);
      await expect(change('third')).rejects.toMatchObject(REUSED);
      expect(await store.get(scope, 's', now, false)).toEqual(second);
    });

    it('a session is deleted once, not the next of the same id', async () => {
      await begin('s');
      const remove = () => store.delete(scope, 's', now, keyed('delete', 'a'));
      expect(await remove()).toBe(true);
      expect(await remove()).toBe(true);
      await begin('s', 1, 'bob');
      expect(await remove()).toBe(true);
      expect(await store.get(scope, 's', now, false)).toMatchObject({ user_id: 'bob', message_count: 1 });
    });

    it('one of many that come at once takes effect, and all get its answer', async () => {
      const options = { begin: sessionRecord(now, { session_id: 's' }), keyed: keyed('append', 'a') };
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          store.append(scope, 's', [testMessage(1, { message_id: `made-${i}` })], now, options),
        ),
      );
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect(await contents('s')).toHaveLength(1);
    });

    it('the key belongs to one operation, and to one session', async () => {
      await begin('s');
      await begin('t');
      await store.update(scope, 's', { title: 'x' }, now, keyed('update', 'a'));
      await expect(store.delete(scope, 's', now, keyed('delete', 'a'))).rejects.toMatchObject(REUSED);
      await expect(
        store.append(scope, 's', [testMessage(1)], now, { keyed: keyed('append', 'a') }),
      ).rejects.toMatchObject(REUSED);
      expect(await store.delete(scope, 't', now, keyed('delete', 'a'))).toBe(true);
      expect(await store.get(scope, 's', now, false)).toMatchObject({ message_count: 0 });
    });

    it('a write that came to nothing leaves the key free', async () => {
      expect(await store.update(scope, 's', { title: 'x' }, now, keyed('update', 'a'))).toBeUndefined();
      expect(await store.delete(scope, 's', now, keyed('delete', 'a'))).toBe(false);
      expect(await store.append(scope, 's', [testMessage(1)], now, { keyed: keyed('append', 'a') })).toBeUndefined();
      await begin('s');
      expect(await store.append(scope, 's', [testMessage(1)], now, { keyed: keyed('append', 'b') })).toMatchObject({
        added: 1,
      });
    });

    it('the key counts for a day after its use', async () => {
      await store.create(scope, sessionRecord(now, { session_id: 's', ttl_seconds: 30 * 24 * 3600 }), [], now);
      const append = (request: string) =>
        store.append(scope, 's', [testMessage(1, { message_id: request })], now, { keyed: keyed('append', request) });
      await append('a');
      now += 24 * HOUR;
      expect(await append('a')).toMatchObject({ added: 1, session: { message_count: 1 } });
      now += 1;
      expect(await append('b')).toMatchObject({ added: 1, session: { message_count: 2 } });
      await expect(append('a')).rejects.toMatchObject(REUSED);
    });

    it('all is forgotten when the user is erased, that of others is not', async () => {
      const remove = (session_id: string) => store.delete(scope, session_id, now, keyed('delete', 'a'));
      await begin('old', 0, 'ada');
      await remove('old');
      // The same id, with another key, of another user.
      await begin('old', 0, 'bob');
      const title = 'a title that is longer than a hash, so that it is kept aside';
      const rename = (key: string) => store.update(scope, 'old', { title }, now, keyed('update', title, key));
      const renamed = await rename('bobs');
      await begin('live', 0, 'ada');
      await store.update(scope, 'live', { title }, now, keyed('update', title));
      expect(await store.eraseUser(scope, 'ada', now)).toBe(1);
      await begin('live', 0, 'ada');
      expect(await store.update(scope, 'live', { title: 'new' }, now, keyed('update', 'new'))).toMatchObject({
        title: 'new',
      });
      await store.update(scope, 'old', { title: 'other' }, now);
      expect(await rename('bobs')).toEqual(renamed);
      expect(await store.get(scope, 'old', now, false)).toMatchObject({ title: 'other' });
      expect(await remove('old')).toBe(true);
      expect(await store.get(scope, 'old', now, false)).toBeUndefined();
    });

    it('organisations do not meet', async () => {
      const other = newScope();
      await begin('s');
      await store.create(other, sessionRecord(now, { session_id: 's' }), [], now);
      expect(await store.delete(scope, 's', now, keyed('delete', 'a'))).toBe(true);
      expect(await store.delete(other, 's', now, keyed('delete', 'b'))).toBe(true);
    });
  });

  it('hides an expired session everywhere', async () => {
    await begin('s', 3);
    now += HOUR - 1;
    expect(await store.get(scope, 's', now, false)).toBeDefined();
    expect(await listAll(10)).toEqual(['s']);
    now += 1;
    expect(await store.get(scope, 's', now)).toBeUndefined();
    expect(await store.get(scope, 's', now, false)).toBeUndefined();
    expect(await store.update(scope, 's', { title: 'x' }, now)).toBeUndefined();
    expect(await store.append(scope, 's', [testMessage(9)], now)).toBeUndefined();
    expect(await contents('s')).toBeUndefined();
    expect(await listAll(10)).toEqual([]);
    expect(await store.totals(scope, 'ada', now)).toEqual({ sessions: 0, messages: 0, tokens: 0 });
    expect(await store.users(scope, { limit: 10 }, now)).toEqual([]);
    const anew = await store.append(scope, 's', [testMessage(9)], now, {
      begin: sessionRecord(now, { session_id: 's' }),
    });
    expect(anew?.session).toMatchObject({ message_count: 1, token_count: 9 });
  });

  describe('listing', () => {
    it('has the last used first, and by id where the time is the same', async () => {
      for (const session_id of ['a', 'b', 'c']) await begin(session_id);
      now += SECOND;
      await begin('z');
      now += SECOND;
      await store.get(scope, 'b', now);
      expect(await listAll(1)).toEqual(['b', 'z', 'c', 'a']);
      expect(await listAll(10)).toEqual(['b', 'z', 'c', 'a']);
    });

    it.each([1, 7, 50])('shows each of 120 sessions once, %i a page', async (limit) => {
      const ids = Array.from({ length: 120 }, (_, i) => `session-${i}`);
      await Promise.all(
        // A handful of times, so that pages end in the middle of sessions of the same time.
        ids.map((session_id, i) => store.create(scope, sessionRecord(now + (i % 4) * SECOND, { session_id }), [], now)),
      );
      const listed = await listAll(limit);
      expect(listed).toHaveLength(120);
      expect([...listed].sort()).toEqual([...ids].sort());
    });

    it('shows each session once while new ones begin', async () => {
      for (let i = 0; i < 12; i += 1) await begin(`old-${i}`);
      let begun = 0;
      const listed = await listAll(5, async () => {
        now += SECOND;
        begun += 1;
        await begin(`new-${begun}`);
      });
      expect(listed).toHaveLength(12);
      expect(new Set(listed).size).toBe(12);
      expect(begun).toBeGreaterThan(0);
    });

    it('is of one user only and says the same as get', async () => {
      const session = await begin('s', 3);
      await begin('t', 1, 'bob');
      expect(await store.list(scope, 'ada', { limit: 10 }, now)).toEqual([session]);
      expect(await store.list(scope, 'ada', { limit: 0 }, now)).toEqual([]);
      expect(await store.list(scope, 'nobody', { limit: 10 }, now)).toEqual([]);
    });

    it('sorts ids by their bytes in every store', async () => {
      const ids = ['\uffee', '\u{1f600}', 'é', 'z', 'Z', '0'];
      for (const session_id of ids) await begin(session_id);
      expect(await listAll(2)).toEqual(['\u{1f600}', '\uffee', 'é', 'z', 'Z', '0']);
      for (const user_id of ids) await begin(`of-${user_id}`, 0, user_id);
      const users = await store.users(scope, { limit: 10 }, now);
      expect(users.map(({ user_id }) => user_id)).toEqual(['0', 'Z', 'ada', 'z', 'é', '\uffee', '\u{1f600}']);
    });
  });

  describe('users', () => {
    it('lists those with live sessions by id, page by page', async () => {
      for (const user_id of ['eve', 'bob', 'carol']) await begin(`of-${user_id}`, 0, user_id);
      await begin('second', 0, 'bob');
      now += HOUR / 2;
      await begin('later', 0, 'dave');
      const bob = { user_id: 'bob', session_count: 2 };
      const [carol, dave, eve] = ['carol', 'dave', 'eve'].map((user_id) => ({ user_id, session_count: 1 }));
      expect(await store.users(scope, { limit: 10 }, now)).toEqual([bob, carol, dave, eve]);
      expect(await store.users(scope, { limit: 2 }, now)).toEqual([bob, carol]);
      expect(await store.users(scope, { after: 'carol', limit: 2 }, now)).toEqual([dave, eve]);
      expect(await store.users(scope, { after: 'c', limit: 1 }, now)).toEqual([carol]);
      expect(await store.users(scope, { limit: 0 }, now)).toEqual([]);
      now += HOUR / 2;
      expect(await store.users(scope, { limit: 10 }, now)).toEqual([dave]);
    });

    it('finds a part of the id, upper and lower case alike, and takes it literally', async () => {
      for (const user_id of ['Ada.Lovelace', 'ADA%', 'Ünal', 'bob']) await begin(`of-${user_id}`, 0, user_id);
      const search = async (text: string) =>
        (await store.users(scope, { limit: 10, search: text }, now)).map(({ user_id }) => user_id);
      expect(await search('ada')).toEqual(['ADA%', 'Ada.Lovelace']);
      expect(await search('üN')).toEqual(['Ünal']);
      expect(await search('%')).toEqual(['ADA%']);
      expect(await search('a.l')).toEqual(['Ada.Lovelace']);
      expect(await search('')).toHaveLength(4);
      expect(await search('nobody')).toEqual([]);
    });

    it('pages through more users than are read at once', async () => {
      const ids = Array.from({ length: 130 }, (_, i) => `user-${String(i).padStart(3, '0')}`);
      await Promise.all(ids.map((user_id) => begin(`of-${user_id}`, 0, user_id)));
      const users = await store.users(scope, { limit: 120, after: 'user-004' }, now);
      expect(users.map(({ user_id }) => user_id)).toEqual(ids.slice(5, 125));
    });
  });

  it('adds up totals of a user without the others', async () => {
    await begin('a', 3);
    await begin('b', 4);
    await begin('c', 50, 'bob');
    expect(await store.totals(scope, 'ada', now)).toEqual({ sessions: 2, messages: 7, tokens: 16 });
  });

  it('keeps organisations apart, whatever ids they share', async () => {
    const other = newScope();
    await begin('s', 1);
    await store.create(other, sessionRecord(now, { session_id: 's', title: 'theirs' }), testMessages(1, 2), now);
    expect(await store.get(scope, 's', now)).toMatchObject({ org_id: scope.org_id, title: null, message_count: 1 });
    expect(await store.get(other, 's', now)).toMatchObject({ org_id: other.org_id, title: 'theirs', message_count: 2 });
    await store.append(other, 's', [testMessage(3)], now);
    expect(await contents('s')).toHaveLength(1);
    expect(await store.totals(scope, 'ada', now)).toEqual({ sessions: 1, messages: 1, tokens: 1 });
    expect(await store.list(other, 'ada', { limit: 10 }, now)).toHaveLength(1);
    expect(await store.users(other, { limit: 10 }, now)).toEqual([{ user_id: 'ada', session_count: 1 }]);
    expect(await store.eraseUser(scope, 'ada', now)).toBe(1);
    expect(await store.get(other, 's', now)).toMatchObject({ message_count: 3 });
    expect(await store.delete(scope, 's', now)).toBe(false);
    expect(await store.delete(other, 's', now)).toBe(true);
  });

  it('takes odd ids for what they are', async () => {
    const odd = [
      'a/b',
      'a}/{b',
      '{a}',
      'a{',
      'a%2Fb',
      '*',
      'a b',
      '../x',
      "'; --",
      '😀'.repeat(100),
      'x'.repeat(200),
      'é:é',
    ];
    for (const id of odd) {
      const record = sessionRecord(now, { session_id: id, user_id: id });
      await store.create(scope, record, [testMessage(1, { message_id: id })], now);
      await store.append(scope, id, [testMessage(2), testMessage(9, { message_id: id })], now);
    }
    for (const id of odd) {
      expect(await store.get(scope, id, now)).toMatchObject({ session_id: id, user_id: id, message_count: 2 });
      expect((await store.list(scope, id, { limit: 10 }, now)).map(({ session_id }) => session_id)).toEqual([id]);
      expect(await store.totals(scope, id, now)).toEqual({ sessions: 1, messages: 2, tokens: 3 });
    }
    expect(await store.users(scope, { limit: 50 }, now)).toHaveLength(odd.length);
    for (const id of odd) expect(await store.delete(scope, id, now)).toBe(true);
    expect(await store.users(scope, { limit: 50 }, now)).toEqual([]);
  });

  describe('forgetting', () => {
    it('does not take an expired session for one that was deleted', async () => {
      await begin('s', 1);
      expect(await store.delete(scope, 's', now + HOUR)).toBe(false);
    });

    it('deletes a session with its messages, once', async () => {
      await begin('s', 5);
      await begin('t', 1);
      expect(await store.delete(scope, 's', now)).toBe(true);
      expect(await store.delete(scope, 's', now)).toBe(false);
      expect(await store.get(scope, 's', now)).toBeUndefined();
      expect(await listAll(10)).toEqual(['t']);
      await begin('s');
      expect(await contents('s')).toEqual([]);
      expect((await listAll(10)).sort()).toEqual(['s', 't']);
    });

    it('erases all sessions of a user and nobody else’s', async () => {
      for (let i = 0; i < 25; i += 1) await begin(`ada-${i}`, 2);
      await begin('bob-1', 2, 'bob');
      expect(await store.eraseUser(scope, 'ada', now)).toBe(25);
      expect(await store.eraseUser(scope, 'ada', now)).toBe(0);
      expect(await listAll(10)).toEqual([]);
      expect(await store.users(scope, { limit: 10 }, now)).toEqual([{ user_id: 'bob', session_count: 1 }]);
      expect(await store.get(scope, 'ada-3', now)).toBeUndefined();
    });

    it('sweeps what has expired, at most as many as asked', async () => {
      // Sessions of earlier tests would count as well.
      await store.sweep(now + 100 * HOUR, 1_000_000);
      for (let i = 0; i < 12; i += 1) await begin(`s-${i}`, 2, `user-${i % 3}`);
      now += HOUR / 2;
      await begin('young', 1);
      expect(await store.sweep(now, 100)).toBe(0);
      now += HOUR / 2;
      expect(await store.sweep(now, 0)).toBe(0);
      expect(await store.sweep(now, 5)).toBe(5);
      expect(await store.sweep(now, 100)).toBe(7);
      expect(await store.sweep(now, 100)).toBe(0);
      expect(await store.get(scope, 'young', now)).toBeDefined();
      expect(await listAll(10)).toEqual(['young']);
    });

    it('does not sweep a session that was used in the meantime', async () => {
      await begin('s', 1);
      now += HOUR - SECOND;
      await store.get(scope, 's', now);
      now += HOUR - SECOND;
      await store.sweep(now, 1000);
      expect(await contents('s')).toHaveLength(1);
      expect(await listAll(10)).toEqual(['s']);
    });
  });

  it('tells what answers a ping and how fast', async () => {
    const { latency_ms, detail } = await store.ping();
    expect(latency_ms).toBeGreaterThanOrEqual(0);
    expect(detail).toMatch(store.kind === 'sqlite' ? /^SQLite 3\.\d+\.\d+$/ : /^Redis \d+\.\d+\.\d+/);
  });
});
