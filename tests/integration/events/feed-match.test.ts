/** The live feed in the page takes the same events as the server's list, on every database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewEvent } from '../../../src-contract/index.ts';
import { EventHistory } from '../../../src-main/events/event-history.ts';
import { recordEvents } from '../../../src-main/events/event-log.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { matcher } from '../../../src-renderer/features/events/feed/model/event-match.ts';
import { TestClock } from '../../support/test-clock.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';

const EVENTS: NewEvent[] = [
  ...[
    'Chat_1',
    'chat-2',
    'a\\b',
    '100%',
    'say "hi"',
    'tab\there',
    `${'x'.repeat(9_990)}EDGE`,
    `${'😀'.repeat(9_975)}far`,
  ].map((session_id): NewEvent => ({ type: 'memory.session.created', user_id: 'ana', payload: { session_id } })),
  { type: 'memory.message.added', user_id: 'bea', payload: { session_id: 'chat-3', message_ids: ['m1', 'm2'] } },
  { type: 'memory.imported', user_id: null, payload: { layer: 'working', count: 1200 } },
  { type: 'settings.changed', user_id: null, payload: { keys: ['a', 'b'] } },
];
const TEXTS = [
  'CHAT',
  'chat_1',
  '%',
  '_',
  '\\',
  '\\\\',
  '"hi',
  '\\"hi',
  '\\t',
  'EDGE',
  'ED',
  'far',
  '😀',
  '["m1", "m2"]',
  '["m1","m2"]',
  '"count": 1200, "layer"',
  '"layer": "working", "count"',
  '{"keys": ["a", "b"]}',
  'session_id": "chat-3", "message_ids',
];

describe.each(databaseKinds.filter(({ available }) => available))('text in payloads on $name', (kind) => {
  let test: TestDatabase;
  let scope: Scope;
  let history: EventHistory;
  beforeAll(async () => {
    test = await kind.open();
    const outbox = { waiting: async () => ({ events: 0, oldest_ms: undefined }) };
    history = new EventHistory({ database: test.database, outbox, clock: new TestClock() });
    scope = await test.newScope();
    await test.database.withScope(scope, (tx) => tx.run(recordEvents(scope, EVENTS)));
  });
  afterAll(() => test?.remove());

  it.each(TEXTS)('%s', async (text) => {
    const all = await history.list(scope, { limit: 50 });
    expect(all.items).toHaveLength(EVENTS.length);
    const { items } = await history.list(scope, { limit: 50, text });
    const matched = all.items.filter(matcher({ text }));
    expect(matched.map(({ payload }) => payload)).toEqual(items.map(({ payload }) => payload));
  });
});
