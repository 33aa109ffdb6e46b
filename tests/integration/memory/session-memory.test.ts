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
    expect(await services.sessions.create(scope, begin)).toMatchObject({
      session_id: first.session_id,
      message_count: 1,
    });
    const more = { session_id: 's', messages: [user('two'), user('three')], idempotency_key: 'more' };
    expect((await services.sessions.append(scope, more)).added).toBe(2);
    expect((await services.sessions.append(scope, more)).added).toBe(0);
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
});
