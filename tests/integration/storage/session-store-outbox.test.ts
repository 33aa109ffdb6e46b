/** Every change of a session leaves its event in the outbox of the store, in one step with it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Scope } from '../../../src-main/identity/scope.ts';
import {
  OUTBOX_BATCH,
  OUTBOX_CHUNK,
  type OutboxEntry,
  type SessionOutbox,
} from '../../../src-main/storage/sessions/session-outbox.ts';
import type { SessionStore } from '../../../src-main/storage/sessions/session-store.ts';
import {
  iso,
  newScope,
  type RunningBackend,
  SESSION_BACKENDS,
  sessionRecord,
  testMessage,
  testMessages,
} from '../../support/session-backends.ts';

const HOUR = 3_600_000;

/** Takes everything there is and removes it. */
async function drained(outbox: SessionOutbox): Promise<OutboxEntry[]> {
  const all: OutboxEntry[] = [];
  // A thorough look goes through every lane of a Cluster: one, when there seems to be nothing left.
  for (let thorough = false; ; ) {
    const { batches } = await outbox.take({ thorough });
    if (batches.length === 0) {
      if (thorough) return all;
      thorough = true;
      continue;
    }
    for (const batch of batches) {
      all.push(...batch.entries);
      await outbox.remove(batch);
    }
  }
}

const told = ({ event }: OutboxEntry) => ({ type: event.type, ...event.payload });

describe.each(SESSION_BACKENDS)('the outbox of sessions in $name', ({ available, start }) => {
  if (!available) {
    it.skip('needs redis-server');
    return;
  }
  let backend: RunningBackend;
  let store: SessionStore & { outbox: SessionOutbox };
  let scope: Scope;
  let now: number;
  beforeAll(async () => {
    backend = await start();
    store = backend.store;
  });
  afterAll(() => backend.remove());
  beforeEach(async () => {
    await drained(store.outbox);
    scope = newScope();
    now = Date.now();
  });

  it('tells what happens to a session, in order, with who did it and when', async () => {
    await store.create(scope, sessionRecord(now), testMessages(1, 2), now);
    await store.append(scope, 'session-1', testMessages(2, 3), now + 1);
    await store.update(scope, 'session-1', { title: 'Boats' }, now + 2);
    await store.delete(scope, 'session-1', now + 3);
    const entries = await drained(store.outbox);
    const session_id = 'session-1';
    expect(entries.map(told)).toEqual([
      { type: 'memory.session.created', session_id },
      { type: 'memory.message.added', session_id, message_ids: ['message-1', 'message-2'] },
      { type: 'memory.message.added', session_id, message_ids: ['message-3'] },
      { type: 'memory.session.updated', session_id },
      { type: 'memory.session.deleted', session_id },
    ]);
    expect(entries.map(({ at_ms }) => at_ms - now)).toEqual([0, 0, 1, 2, 3]);
    expect(new Set(entries.map(({ source_id }) => source_id)).size).toBe(entries.length);
    for (const { org_id, actor, event } of entries) {
      expect({ org_id, actor, user_id: event.user_id }).toEqual({ ...scope, user_id: 'ada' });
    }
  });

  it('tells of the session that an append begins', async () => {
    const begin = sessionRecord(now);
    await store.append(scope, 's', [testMessage(1)], now, { begin });
    await store.append(scope, 's', [testMessage(2)], now, { begin });
    expect((await drained(store.outbox)).map(told)).toEqual([
      { type: 'memory.session.created', session_id: 's' },
      { type: 'memory.message.added', session_id: 's', message_ids: ['message-1'] },
      { type: 'memory.message.added', session_id: 's', message_ids: ['message-2'] },
    ]);
  });

  it('tells nothing of what changes nothing', async () => {
    const keyed = { key: 'k', operation: 'sessions.append', request_sha256: 'x' };
    await store.create(scope, sessionRecord(now), testMessages(1, 2), now);
    await store.append(scope, 'session-1', [testMessage(3)], now, { keyed });
    await drained(store.outbox);
    await store.create(scope, sessionRecord(now), testMessages(5, 6), now);
    await store.append(scope, 'session-1', testMessages(1, 2), now);
    await store.append(scope, 'session-1', [testMessage(3)], now, { keyed });
    await store.append(scope, 'unknown', [testMessage(1)], now);
    await store.update(scope, 'unknown', { title: 'x' }, now);
    await store.get(scope, 'session-1', now + 1);
    expect(await store.delete(scope, 'unknown', now)).toBe(false);
    await expect(
      store.append(scope, 'session-1', [testMessage(9)], now, { begin: sessionRecord(now, { user_id: 'bob' }) }),
    ).rejects.toThrow();
    expect(await drained(store.outbox)).toEqual([]);
  });

  it('tells of an import by the session', async () => {
    await store.create(scope, sessionRecord(now), testMessages(1, 2), now, undefined, 'session');
    await store.append(scope, 'session-1', testMessages(2, 4), now, { detail: 'session' });
    await store.append(scope, 'session-1', testMessages(2, 4), now, { detail: 'session' });
    await store.append(scope, 's', testMessages(1, 4), now, { detail: 'session', begin: sessionRecord(now) });
    const entries = (await drained(store.outbox)).map(told);
    // Lanes of a Cluster are taken in any order, what is in one in its own.
    expect(entries).toHaveLength(3);
    expect(entries.filter((one) => 'session_id' in one && one.session_id === 's')).toEqual([
      { type: 'memory.session.created', session_id: 's' },
    ]);
    expect(entries.filter((one) => 'session_id' in one && one.session_id === 'session-1')).toEqual([
      { type: 'memory.session.created', session_id: 'session-1' },
      { type: 'memory.session.updated', session_id: 'session-1' },
    ]);
  });

  it('tells of sessions that were erased with their user, and of those whose time is over, once', async () => {
    for (const session_id of ['a', 'b']) await store.create(scope, sessionRecord(now, { session_id }), [], now);
    const bobs = sessionRecord(now, { session_id: 'c', user_id: 'bob' });
    await store.create(scope, bobs, testMessages(1, 2), now);
    await drained(store.outbox);
    await store.eraseUser(scope, 'ada', now);
    expect((await drained(store.outbox)).map(told)).toEqual(
      expect.arrayContaining(['a', 'b'].map((session_id) => ({ type: 'memory.session.deleted', session_id }))),
    );
    await store.sweep(now + HOUR, 100);
    await store.sweep(now + HOUR, 100);
    const expired = await drained(store.outbox);
    expect(expired.filter(({ org_id }) => org_id === scope.org_id).map(told)).toEqual([
      { type: 'memory.session.expired', session_id: 'c' },
    ]);
    expect(expired.find(({ org_id }) => org_id === scope.org_id)).toMatchObject({
      actor: 'upkeep',
      at_ms: now + HOUR,
      event: { user_id: 'bob' },
    });
  });

  it('tells once that the time of a session was over also when it is deleted afterwards', async () => {
    await store.create(scope, sessionRecord(now), [], now);
    await drained(store.outbox);
    expect(await store.delete(scope, 'session-1', now + HOUR)).toBe(false);
    await store.sweep(now + HOUR, 100);
    await store.sweep(now + HOUR, 100);
    const own = (await drained(store.outbox)).filter(({ org_id }) => org_id === scope.org_id);
    expect(own.map(told)).toEqual([{ type: 'memory.session.expired', session_id: 'session-1' }]);
    expect(own[0]).toMatchObject({ actor: 'upkeep', at_ms: now + HOUR, event: { user_id: 'ada' } });
  });

  it('tells nobody of the end of a session that was refused', async () => {
    const keyed = { key: 'k', operation: 'sessions.append', request_sha256: 'x' };
    await store.create(scope, sessionRecord(now), [], now);
    await store.append(scope, 'other', [testMessage(1)], now, { begin: sessionRecord(now), keyed });
    await store.delete(scope, 'other', now);
    const bobs = sessionRecord(now, { user_id: 'bob' });
    await expect(store.append(scope, 'session-1', [testMessage(1)], now, { begin: bobs })).rejects.toThrow();
    expect(await store.create(scope, bobs, [], now)).toMatchObject({ created: false });
    const reused = { ...keyed, request_sha256: 'y' };
    await expect(
      store.append(scope, 'other', [testMessage(2)], now, { begin: sessionRecord(now), keyed: reused }),
    ).rejects.toThrow();
    await drained(store.outbox);
    await store.sweep(now + HOUR, 100);
    const own = (await drained(store.outbox)).filter(({ org_id }) => org_id === scope.org_id);
    expect(own.map(({ event }) => [event.type, event.user_id])).toEqual([['memory.session.expired', 'ada']]);
  });

  it('knows how many wait after writes, removals and writes', async () => {
    await store.create(scope, sessionRecord(now), [], now);
    expect((await store.outbox.waiting()).events).toBe(1);
    for (let n = 1; n <= 3; n += 1) await store.append(scope, 'session-1', [testMessage(n)], now + n);
    expect(await store.outbox.waiting()).toEqual({ events: 4, oldest_ms: now });
    const [batch] = (await store.outbox.take({ thorough: true })).batches;
    if (batch) await store.outbox.remove({ ...batch, entries: batch.entries.slice(0, 3) });
    expect(await store.outbox.waiting()).toEqual({ events: 1, oldest_ms: now + 3 });
    await store.append(scope, 'session-1', [testMessage(4)], now + 4);
    expect((await store.outbox.waiting()).events).toBe(2);
  });

  it('gives the same entries until they are removed, and knows how many wait', async () => {
    await store.create(scope, sessionRecord(now), [], now);
    const { batches } = await store.outbox.take({ thorough: true });
    expect(await store.outbox.waiting()).toEqual({ events: 1, oldest_ms: now });
    await store.append(scope, 'session-1', [testMessage(1)], now);
    const [batch] = batches;
    const again = await store.outbox.take({ thorough: false });
    expect(again.batches[0]?.entries[0]).toEqual(batch?.entries[0]);
    if (batch) {
      await store.outbox.remove(batch);
      // As another process would that took them too.
      await store.outbox.remove(batch);
    }
    expect((await drained(store.outbox)).map(told)).toMatchObject([{ type: 'memory.message.added' }]);
    expect(await store.outbox.waiting()).toEqual({ events: 0, oldest_ms: undefined });
  });

  it('calls after every write that left something', async () => {
    let calls = 0;
    store.outbox.onWritten(() => {
      calls += 1;
    });
    await store.create(scope, sessionRecord(now), [], now);
    expect(calls).toBe(1);
    await store.append(scope, 'session-1', [testMessage(1)], now);
    expect(calls).toBe(2);
  });
});

describe.each(SESSION_BACKENDS)('a full outbox of sessions in $name', ({ available, start }) => {
  if (!available) {
    it.skip('needs redis-server');
    return;
  }
  const most = OUTBOX_BATCH + OUTBOX_CHUNK;
  let backend: RunningBackend;
  beforeAll(async () => {
    backend = await start({ max_events: most });
  });
  afterAll(() => backend.remove());

  it('takes every append, gives up the oldest but those on their way, and tells how many', async () => {
    const { store } = backend;
    const scope = newScope();
    const now = Date.now();
    const session_id = 's';
    const writes = 2 * OUTBOX_CHUNK + most;
    await store.create(scope, sessionRecord(now, { session_id }), [], now);
    for (let n = 2; n <= writes; n += 1) {
      await store.append(scope, session_id, [testMessage(n)], now + n);
    }
    expect(await store.get(scope, session_id, now, false)).toMatchObject({ message_count: writes - 1 });
    expect((await store.outbox.waiting()).events).toBeLessThanOrEqual(most);
    const entries = await drained(store.outbox);
    const seen = entries.flatMap(({ event }) =>
      event.type === 'memory.message.added' ? event.payload.message_ids : [],
    );
    const dropped = entries.flatMap(({ event }) => (event.type === 'system.events.dropped' ? [event.payload] : []));
    const lost = dropped.reduce((sum, { count }) => sum + count, 0);
    // One of them told that the session began.
    expect(seen.length + 1 + lost).toBe(writes);
    expect(lost).toBeGreaterThanOrEqual(2 * OUTBOX_CHUNK);
    expect(seen.slice(0, OUTBOX_BATCH - 1)).toEqual(testMessages(2, OUTBOX_BATCH).map(({ message_id }) => message_id));
    expect(seen.at(-1)).toBe(`message-${writes}`);
    const [first] = dropped;
    expect(first).toMatchObject({ source: 'sessions', first_at: iso(now + OUTBOX_BATCH + 1) });
    expect(entries.filter(({ event }) => event.type === 'system.events.dropped')).toSatisfy((all: OutboxEntry[]) =>
      all.every(({ org_id, actor }) => org_id === scope.org_id && actor === 'archon'),
    );
  });
});
