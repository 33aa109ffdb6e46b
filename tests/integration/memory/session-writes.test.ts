/** Writes to sessions by several callers, and writes that are repeated, over every session store. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { SessionMemory } from '../../../src-main/memory/session-memory.ts';
import { testSettings } from '../../support/memory-services.ts';
import { newScope, type RunningBackend, SESSION_BACKENDS } from '../../support/session-backends.ts';
import { TestClock } from '../../support/test-clock.ts';

const user = (content: string) => ({ role: 'user' as const, content });
const REUSED = { code: 'IDEMPOTENCY_KEY_REUSED' };

describe.each(SESSION_BACKENDS)('sessions in $name', ({ available, start }) => {
  if (!available) {
    it.skip('needs redis-server');
    return;
  }
  let backend: RunningBackend;
  let clock: TestClock;
  let sessions: SessionMemory;
  let scope: Scope;
  beforeAll(async () => {
    backend = await start();
  });
  afterAll(() => backend.remove());
  beforeEach(() => {
    scope = newScope();
    clock = new TestClock();
    sessions = new SessionMemory({ store: backend.store, clock, settings: () => testSettings });
  });

  const contents = async (session_id = 's') => {
    const page = await sessions.messages(scope, { session_id, order: 'oldest_first', limit: 100 });
    return page.items.map(({ content }) => content);
  };
  const session = async (session_id = 's') => await sessions.get(scope, { session_id, message_limit: 0 });

  it('belong to the first of two users who begin one at the same time', async () => {
    for (let round = 0; round < 20; round += 1) {
      const session_id = `s-${round}`;
      const say = (user_id: string) =>
        sessions.append(scope, { session_id, user_id, messages: [user(`${user_id}'s words`)] });
      const outcomes = await Promise.allSettled([say('alice'), say('bob')]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await contents(session_id)).toEqual([`${(await session(session_id)).user_id}'s words`]);
    }
  });

  it('keep every member of the context that several agents change at the same time', async () => {
    for (let round = 0; round < 20; round += 1) {
      const session_id = `s-${round}`;
      await sessions.create(scope, { session_id, user_id: 'ana', context: { metadata: { kept: [] } } });
      await Promise.all([
        sessions.update(scope, { session_id, context: { active_project_id: 'p' } }),
        sessions.update(scope, { session_id, context: { active_task_ids: ['t'] } }),
        sessions.update(scope, { session_id, context: { mentioned_files: ['a.ts'] } }),
        sessions.update(scope, { session_id, title: 'named' }),
      ]);
      expect(await session(session_id)).toMatchObject({
        title: 'named',
        context: {
          active_project_id: 'p',
          active_task_ids: ['t'],
          mentioned_files: ['a.ts'],
          metadata: { kept: [] },
        },
      });
    }
  });

  describe('and a key that is used again', () => {
    it('store nothing of an append that differs in its messages, their number or their roles', async () => {
      const append = (...messages: { role: 'user' | 'assistant'; content: string }[]) =>
        sessions.append(scope, { session_id: 's', user_id: 'ana', messages, idempotency_key: 'k' });
      const first = await append(user('A'));
      await expect(append(user('B'), user('C'))).rejects.toMatchObject(REUSED);
      await expect(append(user('A'), user('C'), user('D'))).rejects.toMatchObject(REUSED);
      await expect(append({ role: 'assistant', content: 'A' })).rejects.toMatchObject(REUSED);
      expect(await contents()).toEqual(['A']);
      clock.advance({ minutes: 1 });
      expect(await append(user('A'))).toEqual(first);
      expect(await contents()).toEqual(['A']);
    });

    it('answer an append as at first, whatever was said, changed or deleted since', async () => {
      const append = () =>
        sessions.append(scope, { session_id: 's', user_id: 'ana', messages: [user('A')], idempotency_key: 'k' });
      const first = await append();
      expect(first).toMatchObject({ added: 1, session: { message_count: 1 } });
      clock.advance({ minutes: 1 });
      await sessions.append(scope, { session_id: 's', messages: [user('B')] });
      await sessions.update(scope, { session_id: 's', title: 'other' });
      expect(await append()).toEqual(first);
      expect(await contents()).toEqual(['A', 'B']);
      await sessions.delete(scope, { session_id: 's' });
      expect(await append()).toEqual(first);
      await expect(session()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('do not overwrite a later change with a repeated one, and refuse another', async () => {
      await sessions.create(scope, { session_id: 's', user_id: 'ana' });
      const rename = (title: string, idempotency_key?: string) =>
        sessions.update(scope, { session_id: 's', title, ...(idempotency_key ? { idempotency_key } : {}) });
      const first = await rename('first', 'k');
      await rename('second');
      expect(await rename('first', 'k')).toEqual(first);
      await expect(rename('third', 'k')).rejects.toMatchObject(REUSED);
      expect(await session()).toMatchObject({ title: 'second' });
    });

    it('delete no later session of the same id', async () => {
      const begin = () => sessions.create(scope, { session_id: 's', user_id: 'ana' });
      const remove = () => sessions.delete(scope, { session_id: 's', idempotency_key: 'k' });
      await begin();
      expect(await remove()).toEqual({ session_id: 's', deleted: true });
      expect(await remove()).toEqual({ session_id: 's', deleted: true });
      await begin();
      expect(await remove()).toEqual({ session_id: 's', deleted: true });
      expect(await session()).toBeDefined();
      await expect(sessions.delete(scope, { session_id: 'never', idempotency_key: 'other' })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    });

    it('begin a session once, with an id or without, and answer as at first', async () => {
      for (const session_id of ['s', undefined]) {
        const begin = (title: string) =>
          sessions.create(scope, {
            ...(session_id === undefined ? {} : { session_id }),
            user_id: 'ana',
            title,
            messages: [user('A')],
            idempotency_key: 'k',
          });
        const first = await begin('Trip');
        clock.advance({ minutes: 1 });
        await sessions.update(scope, { session_id: first.session_id, title: 'other' });
        expect(await begin('Trip')).toEqual(first);
        await expect(begin('Other')).rejects.toMatchObject(REUSED);
        expect(await contents(first.session_id)).toEqual(['A']);
      }
    });
  });

  it('do not take a new key for a repetition: a session that exists stays as it is', async () => {
    const before = await sessions.create(scope, { session_id: 's', user_id: 'ana', title: 'mine' });
    await expect(
      sessions.create(scope, {
        session_id: 's',
        user_id: 'ana',
        title: 'dropped',
        ttl_seconds: 60,
        idempotency_key: 'never used',
      }),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await session()).toMatchObject({ title: 'mine', ttl_seconds: before.ttl_seconds });
  });
});
