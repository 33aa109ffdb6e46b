import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MemoryServices, memoryServices } from '../../support/memory-services.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';

const user = (content: string) => ({ role: 'user' as const, content });

describe('session memory', () => {
  let test: TestDatabase;
  let services: MemoryServices;
  beforeAll(async () => {
    const [embedded] = databaseKinds;
    if (embedded === undefined) throw new Error('no database');
    test = await embedded.open();
    services = memoryServices(test.database);
  });
  afterAll(async () => {
    await services.close();
    await test.remove();
  });

  it('adds the messages of a repeated call once', async () => {
    const scope = await test.newScope();
    const begin = { user_id: 'ana', session_id: 's', messages: [user('one')], idempotency_key: 'begin' };
    const first = await services.sessions.create(scope, begin);
    expect(await services.sessions.create(scope, begin)).toEqual(first);
    const more = { session_id: 's', messages: [user('two'), user('three')], idempotency_key: 'more' };
    const appended = await services.sessions.append(scope, more);
    expect(appended.added).toBe(2);
    expect(await services.sessions.append(scope, more)).toEqual(appended);
    const { items } = await services.sessions.messages(scope, { session_id: 's', order: 'oldest_first', limit: 9 });
    expect(items.map(({ content }) => content)).toEqual(['one', 'two', 'three']);
  });

  it('drops nothing silently when a key is used again for something else', async () => {
    const scope = await test.newScope();
    await services.sessions.create(scope, { user_id: 'ana', session_id: 's', messages: [user('one')] });
    await expect(
      services.sessions.create(scope, {
        user_id: 'ana',
        session_id: 's',
        messages: [user('new')],
        idempotency_key: 'k',
      }),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
    await services.sessions.append(scope, { session_id: 's', messages: [user('two')], idempotency_key: 'k' });
    await expect(
      services.sessions.append(scope, { session_id: 's', messages: [user('other')], idempotency_key: 'k' }),
    ).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it("keeps one user's words out of the session of another", async () => {
    const scope = await test.newScope();
    await services.sessions.create(scope, { user_id: 'ana', session_id: 's' });
    await expect(
      services.sessions.append(scope, { session_id: 's', user_id: 'bob', messages: [user('mine')] }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await services.sessions.get(scope, { session_id: 's', message_limit: 9 })).toMatchObject({ messages: [] });
  });

  it('begins a session with its first message when the user is named, and says how when not', async () => {
    const scope = await test.newScope();
    const messages = [user('hello')];
    await expect(services.sessions.append(scope, { session_id: 'new', messages })).rejects.toThrow(/send user_id/);
    const { session } = await services.sessions.append(scope, { session_id: 'new', user_id: 'ana', messages });
    expect(session).toMatchObject({ user_id: 'ana', message_count: 1, token_count: 1, ttl_seconds: 3600 });
  });

  it('ends a page at 4 MiB and goes on with the next, so that every message is read once', async () => {
    const scope = await test.newScope();
    const sizes = [10, 900_000, 2_500_000, 1_200_000, 4_000_000, 10, 10, 3_000_000];
    await services.sessions.create(scope, { user_id: 'ana', session_id: 's' });
    for (const size of sizes) {
      await services.sessions.append(scope, { session_id: 's', messages: [user('word '.repeat(size / 5))] });
    }
    for (const order of ['oldest_first', 'newest_first'] as const) {
      const pages: number[][] = [];
      let cursor: string | undefined;
      do {
        const page = await services.sessions.messages(scope, { session_id: 's', order, limit: 50, cursor });
        pages.push(page.items.map(({ content }) => content.length));
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined);
      expect(pages.flat()).toEqual(order === 'oldest_first' ? sizes : sizes.toReversed());
      expect(pages.length).toBeGreaterThan(3);
      for (const page of pages) {
        expect(page.length === 1 || page.reduce((sum, size) => sum + size, 0) < 4 * 1024 * 1024).toBe(true);
      }
    }
    const { messages } = await services.sessions.get(scope, { session_id: 's', message_limit: 50 });
    expect(messages.map(({ content }) => content.length)).toEqual([10, 10, 3_000_000]);
  });

  it('says that a page is the last when no message follows, whatever its size', async () => {
    const scope = await test.newScope();
    await services.sessions.create(scope, { user_id: 'ana', session_id: 's', messages: [user('one'), user('two')] });
    for (const order of ['oldest_first', 'newest_first'] as const) {
      const first = await services.sessions.messages(scope, { session_id: 's', order, limit: 1 });
      expect(first.next_cursor).not.toBeNull();
      const cursor = first.next_cursor ?? undefined;
      const second = await services.sessions.messages(scope, { session_id: 's', order, limit: 1, cursor });
      expect(second).toMatchObject({ items: [expect.anything()], next_cursor: null });
      expect(await services.sessions.messages(scope, { session_id: 's', order, limit: 2 })).toMatchObject({
        next_cursor: null,
      });
    }
  });

  it('changes the members of the context that are given', async () => {
    const scope = await test.newScope();
    await services.sessions.create(scope, { user_id: 'ana', session_id: 's', context: { mentioned_files: ['a.ts'] } });
    const updated = await services.sessions.update(scope, {
      session_id: 's',
      title: 'Named',
      context: { active_project_id: 'p' },
      ttl_seconds: 60,
    });
    expect(updated).toMatchObject({ title: 'Named', ttl_seconds: 60 });
    expect(updated.context).toMatchObject({ active_project_id: 'p', mentioned_files: ['a.ts'] });
    services.clock.advance({ minutes: 2 });
    await expect(services.sessions.get(scope, { session_id: 's', message_limit: 1 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('lives no longer because somebody looks at it', async () => {
    const scope = await test.newScope();
    const session = await services.sessions.create(scope, { user_id: 'ana', session_id: 's', messages: [user('one')] });
    services.clock.advance({ minutes: 5 });
    const looked = await services.sessions.get(scope, { session_id: 's', message_limit: 1, track_access: false });
    expect(looked).toMatchObject({ last_accessed_at: session.last_accessed_at, expires_at: session.expires_at });
    await services.sessions.messages(scope, { session_id: 's', order: 'oldest_first', limit: 1 });
    const used = await services.sessions.get(scope, { session_id: 's', message_limit: 1 });
    expect(Date.parse(used.expires_at)).toBe(Date.parse(session.expires_at) + 5 * 60_000);
  });
});
