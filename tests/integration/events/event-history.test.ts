/** The event log to look through, on every database. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventEnvelope, EventListInput, NewEvent } from '../../../src-contract/index.ts';
import { isoTime } from '../../../src-main/clock.ts';
import { EventHistory } from '../../../src-main/events/event-history.ts';
import { recordEvents } from '../../../src-main/events/event-log.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { SessionStoreUnavailableError } from '../../../src-main/storage/sessions/session-store.ts';
import { TestClock } from '../../support/test-clock.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';

const MINUTE = 60_000;
const created = (session_id: string, user_id = 'ana'): NewEvent => ({
  type: 'memory.session.created',
  user_id,
  payload: { session_id },
});
const deleted = (session_id: string, user_id = 'ana'): NewEvent => ({
  type: 'memory.session.deleted',
  user_id,
  payload: { session_id },
});
const names = (events: readonly EventEnvelope[]) => events.map(({ payload }) => payload.session_id);

describe.each(databaseKinds.filter(({ available }) => available))('the event history on $name', (kind) => {
  let test: TestDatabase;
  let scope: Scope;
  const clock = new TestClock();
  const waiting = { events: 3, oldest_ms: clock.now() };
  const state: { away: boolean } = { away: false };
  let history: EventHistory;
  beforeAll(async () => {
    test = await kind.open();
    const outbox = {
      waiting: async () => {
        if (state.away) throw new SessionStoreUnavailableError('away');
        return waiting;
      },
    };
    history = new EventHistory({ database: test.database, outbox, clock });
  });
  afterAll(() => test?.remove());
  beforeEach(async () => {
    scope = await test.newScope();
  });

  const record = (...events: NewEvent[]) => test.database.withScope(scope, (tx) => tx.run(recordEvents(scope, events)));
  const recordAt = (at_ms: number, type: string, count = 1) =>
    test.database.withScope(scope, (tx) =>
      tx.sql(
        `INSERT INTO archon_events (org_id, type, user_id, actor, payload, created_at)
         SELECT $1, $2, 'ana', 'test', jsonb_build_object('session_id', n::text), $3 FROM generate_series(1, $4::int) AS n`,
        [scope.org_id, type, isoTime(at_ms), count],
      ),
    );
  const list = (input: EventListInput = {}) => history.list(scope, { limit: 50, ...input } as never);
  const listAll = async (input: EventListInput): Promise<EventEnvelope[]> => {
    const items: EventEnvelope[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await list({ ...input, ...(cursor ? { cursor } : {}) });
      items.push(...page.items);
      cursor = page.next_cursor;
    }
    return items;
  };

  it('shows the newest first, page by page, each once while others are written', async () => {
    await record(...Array.from({ length: 7 }, (_, n) => created(`s${n}`)));
    const first = await list({ limit: 3 });
    expect(names(first.items)).toEqual(['s6', 's5', 's4']);
    await record(created('later'));
    const second = await list({ limit: 3, cursor: first.next_cursor ?? '' });
    expect(names(second.items)).toEqual(['s3', 's2', 's1']);
    const third = await list({ limit: 3, cursor: second.next_cursor ?? '' });
    expect(names(third.items)).toEqual(['s0']);
    expect(third.next_cursor).toBeNull();
  });

  it('keeps to types, a user, times and words of the payload', async () => {
    await record(created('a'), created('b', 'ben'), deleted('a'), deleted('100% "sure"', 'ben'), created('100x'));
    expect(names((await list({ types: ['memory.session.deleted'] })).items)).toEqual(['100% "sure"', 'a']);
    expect(names((await list({ user_id: 'ben', types: ['memory.session.created'] })).items)).toEqual(['b']);
    expect(names((await list({ text: '100%' })).items)).toEqual(['100% "sure"']);
    expect(names((await list({ text: 'SESSION_ID": "100X' })).items)).toEqual(['100x']);
    const [one] = (await list({ limit: 1 })).items;
    await recordAt(Date.parse('2020-05-01T12:00:00Z'), 'memory.session.updated');
    const years = { created_after: '2020-01-01T00:00:00.000Z', created_before: '2021-01-01T00:00:00.000Z' };
    expect((await list(years)).items).toMatchObject([{ type: 'memory.session.updated' }]);
    expect((await list({ created_after: one?.created_at ?? '' })).items[0]).toEqual(one);
    expect((await list({ created_before: '2020-05-01T12:00:00.000Z' })).items).toEqual([]);
  });

  it('finds what is rare among very many, going on from page to page', async () => {
    await record(deleted('oldest'));
    await recordAt(clock.now(), 'memory.session.created', 45_000);
    const found = await listAll({ types: ['memory.session.deleted'] });
    expect(names(found)).toEqual(['oldest']);
    const searched = await listAll({ text: 'oldest' });
    expect(names(searched)).toEqual(['oldest']);
  });

  it('looks through so many for one page also when it is asked for times, in one statement', async () => {
    await recordAt(Date.parse('2020-05-01T12:00:00Z'), 'memory.session.updated');
    await recordAt(clock.now(), 'memory.session.created', 20_000);
    const statements: string[] = [];
    const database = {
      withScope: ((of, work) =>
        test.database.withScope(of, (tx) => {
          const { sql } = tx;
          tx.sql = (text, values) => {
            statements.push(text);
            return sql.call(tx, text, values) as never;
          };
          return work(tx);
        })) as TestDatabase['database']['withScope'],
    };
    const outbox = { waiting: async () => waiting };
    const counting = new EventHistory({ database: database as TestDatabase['database'], outbox, clock });
    const asked = { limit: 50, created_before: '2021-01-01T00:00:00.000Z' };
    const first = await counting.list(scope, asked as never);
    expect(first.items).toEqual([]);
    expect(statements).toHaveLength(1);
    const second = await list({ ...asked, cursor: first.next_cursor ?? '' });
    expect(second.items).toMatchObject([{ type: 'memory.session.updated' }]);
    expect(second.next_cursor).toBeNull();
  });

  it('shows nothing of another organisation', async () => {
    await record(created('ours'));
    const [ours] = (await list()).items;
    scope = await test.newScope();
    expect((await list()).items).toEqual([]);
    await expect(history.get(scope, ours?.id ?? '')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await history.stats(scope, { minutes: 5 })).toMatchObject({ total: 0, types: [], last_id: null });
  });

  it('shows one event, and says when there is none', async () => {
    await record(created('one'));
    const [event] = (await list()).items;
    expect(await history.get(scope, event?.id ?? '')).toEqual(event);
    await expect(history.get(scope, '999999999')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('refuses a cursor of another list', async () => {
    await expect(list({ cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
  });

  it('counts the last minutes, one by one and by type', async () => {
    const minute_ms = Math.floor(clock.now() / MINUTE) * MINUTE;
    await recordAt(minute_ms, 'memory.session.created', 2);
    await recordAt(minute_ms - 1, 'memory.session.deleted', 3);
    await recordAt(minute_ms - 2 * MINUTE, 'memory.session.created', 1);
    await recordAt(minute_ms - 2 * MINUTE - 1, 'memory.session.created', 50);
    const stats = await history.stats(scope, { minutes: 3 });
    expect(stats).toMatchObject({
      from: isoTime(minute_ms - 2 * MINUTE),
      total: 6,
      types: expect.arrayContaining([
        { type: 'memory.session.created', count: 3 },
        { type: 'memory.session.deleted', count: 3 },
      ]),
      session_outbox: { waiting: 3, oldest_at: isoTime(waiting.oldest_ms) },
    });
    expect(stats.minutes.map(({ count }) => count)).toEqual([1, 3, 2]);
    expect(stats.minutes[2]?.minute).toBe(isoTime(minute_ms));
    expect(stats.last_id).toBe((await list({ limit: 1 })).items[0]?.id);
  });

  it('counts also while the session store is away', async () => {
    state.away = true;
    try {
      expect(await history.stats(scope, { minutes: 1 })).toMatchObject({ total: 0, session_outbox: null });
    } finally {
      state.away = false;
    }
  });
});
