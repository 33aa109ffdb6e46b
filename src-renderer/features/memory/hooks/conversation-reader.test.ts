import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../src-contract/index.ts';
import {
  BEGIN,
  ConversationReader,
  type ConversationState,
  conversationAfter,
  PAGE,
  READ_BY_ITSELF,
} from './conversation-reader.ts';

const message = (n: number): Message => ({
  message_id: `m${n}`,
  role: 'user',
  content: `message ${n}`,
  timestamp: '2026-01-01T00:00:00.000Z',
  token_count: 1,
});

class Missing extends Error {}

/** A session of so many messages, whose pages fail when the test says so. */
function setUp(begun: number) {
  let length = begun;
  let state: ConversationState = BEGIN;
  let failure: Error | undefined;
  const reader = new ConversationReader(
    {
      read: async (cursor) => {
        if (failure) throw failure;
        const from = Number(cursor ?? 0);
        const items = Array.from({ length: Math.min(PAGE, length - from) }, (_, n) => message(from + n));
        return { items, next_cursor: from + PAGE < length ? String(from + PAGE) : null };
      },
      isMissing: (error) => error instanceof Missing,
    },
    (action) => {
      state = conversationAfter(state, action);
    },
  );
  return {
    reader,
    state: () => state,
    grow: (to: number) => {
      length = to;
    },
    fail: (error?: Error) => {
      failure = error;
    },
  };
}

describe('reading a conversation', () => {
  it('reads so many by itself, also after an error, and the rest when asked', async () => {
    const { reader, state, fail } = setUp(READ_BY_ITSELF + 3 * PAGE);
    fail(new Error('away'));
    await reader.readByItself();
    expect(state()).toMatchObject({ messages: [], isReading: false, error: new Error('away') });
    fail();
    await reader.readByItself();
    expect(state().messages).toHaveLength(READ_BY_ITSELF);
    expect(state()).toMatchObject({ isReading: false, error: null, cursor: String(READ_BY_ITSELF) });
    await reader.read(Number.POSITIVE_INFINITY);
    expect(state().messages).toHaveLength(READ_BY_ITSELF + 3 * PAGE);
    expect(state().messages.at(-1)?.running_tokens).toBe(READ_BY_ITSELF + 3 * PAGE);
    expect(state().cursor).toBeNull();
  });

  it('reads on past a full page however often the last one was read', async () => {
    const { reader, state, grow } = setUp(PAGE - 1);
    for (let event = 0; event < 100; event += 1) await reader.readByItself();
    grow(PAGE + 1);
    await reader.readByItself();
    expect(state().messages).toHaveLength(PAGE + 1);
    expect(state().cursor).toBeNull();
  });

  it('keeps nothing of a session that ended, and begins anew when it is begun again', async () => {
    const { reader, state } = setUp(3);
    await reader.readByItself();
    reader.end('deleted');
    expect(state()).toMatchObject({ messages: [], gone: 'deleted', isReading: false });
    await reader.readByItself();
    expect(state()).toMatchObject({ gone: undefined });
    expect(state().messages).toHaveLength(3);
  });

  it('takes a session that is missing when it is read again for forgotten, but not one that never was', async () => {
    const { reader, state, fail } = setUp(3);
    fail(new Missing());
    await reader.readByItself();
    expect(state()).toMatchObject({ gone: undefined, error: new Missing() });
    fail();
    await reader.readByItself();
    fail(new Missing());
    await reader.readByItself();
    expect(state()).toMatchObject({ messages: [], gone: 'forgotten', error: null });
  });

  it('says that the user was erased, whichever is told first', async () => {
    for (const told of [['deleted', 'erased'] as const, ['erased', 'deleted'] as const]) {
      const { reader, state } = setUp(3);
      await reader.readByItself();
      for (const how of told) reader.end(how);
      expect(state()).toMatchObject({ messages: [], gone: 'erased' });
    }
  });

  it('shows nothing of a page that was under way when the session ended', async () => {
    const { reader, state } = setUp(3);
    const reading = reader.readByItself();
    reader.end('erased');
    await reading;
    expect(state()).toMatchObject({ messages: [], gone: 'erased', isReading: false });
  });
});
