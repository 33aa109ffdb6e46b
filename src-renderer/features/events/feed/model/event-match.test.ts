import { describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../../../../src-contract/index.ts';
import { type FeedFilter, jsonbText, matcher } from './event-match.ts';

const event = (more: Partial<EventEnvelope> = {}): EventEnvelope => ({
  id: '1',
  org_id: '00000000-0000-4000-8000-000000000000',
  type: 'memory.session.created',
  user_id: 'ana',
  actor: 'test',
  payload: { session_id: 'Chat_1' },
  created_at: '2026-03-01T10:00:00.000Z',
  ...more,
});
const matches = (filter: FeedFilter, more: Partial<EventEnvelope> = {}) => matcher(filter)(event(more));

describe('whether an event belongs into the feed', () => {
  it('goes by type and user', () => {
    expect(matches({})).toBe(true);
    expect(matches({ types: ['memory.session.created', 'memory.imported'] })).toBe(true);
    expect(matches({ types: ['memory.imported'] })).toBe(false);
    expect(matches({ user_id: 'ana' })).toBe(true);
    expect(matches({ user_id: 'ana' }, { user_id: null })).toBe(false);
  });

  it('goes by the time: from the first on, before the last', () => {
    const at = '2026-03-01T10:00:00.000Z';
    expect(matches({ created_after: at })).toBe(true);
    expect(matches({ created_before: at })).toBe(false);
    expect(matches({ created_after: '2026-03-01T10:00:00.001Z' })).toBe(false);
    expect(matches({ created_before: '2026-03-01T10:00:00.001Z' })).toBe(true);
    expect(matches({ created_after: '1970-01-01T00:00:00.000Z', created_before: '1970-01-01T00:00:00.000Z' })).toBe(
      false,
    );
  });

  it('looks for text as it is, in upper and lower case alike', () => {
    expect(matches({ text: 'chat_1' })).toBe(true);
    expect(matches({ text: 'CHAT' })).toBe(true);
    expect(matches({ text: 'chat%' })).toBe(false);
    expect(matches({ text: '"session_id": "chat' })).toBe(true);
    expect(matches({ text: '"session_id":"chat' })).toBe(false);
    expect(matches({ text: 'ΌΛΟΣ' }, { payload: { session_id: 'όλος' } })).toBe(false);
    expect(matches({ text: 'όλος' }, { payload: { session_id: 'όλος' } })).toBe(true);
  });

  it('looks no further than the server does', () => {
    const payload = { session_id: `${'😀'.repeat(9000)}${'x'.repeat(900)}end${'y'.repeat(900)}late` };
    expect(matches({ text: 'xend' }, { payload })).toBe(true);
    expect(matches({ text: 'late' }, { payload })).toBe(false);
  });
});

describe('JSON as PostgreSQL writes it', () => {
  it('has spaces, and shorter keys first', () => {
    expect(jsonbText({ bb: [1, null, true], a: { é: 'x"\n', zz: {} } })).toBe(
      '{"a": {"zz": {}, "é": "x\\"\\n"}, "bb": [1, null, true]}',
    );
  });
});
