/** The live feed on every database: nothing lost, nothing twice, whatever the order of commits. */
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventEnvelope, EventType } from '../../../src-contract/index.ts';
import { EventFeed, type FeedTuning } from '../../../src-main/events/event-feed.ts';
import { recordEvents } from '../../../src-main/events/event-log.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { Database } from '../../../src-main/storage/database.ts';
import { databaseKinds, silentLogger, type TestDatabase } from '../../support/test-databases.ts';

/** So seldom that only being told can be what brings an event. */
const NEVER: Partial<FeedTuning> = { poll: 3_600_000 };
const ids = (events: readonly EventEnvelope[]) => events.map(({ payload }) => payload.session_id);

/** The next events, as many as asked for. */
async function take(feed: AsyncGenerator<EventEnvelope, void>, count: number): Promise<EventEnvelope[]> {
  const events: EventEnvelope[] = [];
  while (events.length < count) {
    const next = await feed.next();
    if (next.done) break;
    events.push(next.value);
  }
  return events;
}

describe.each(databaseKinds.filter(({ available }) => available))('the event feed on $name', (kind) => {
  let test: TestDatabase;
  let scope: Scope;
  let feed: EventFeed;
  beforeAll(async () => {
    test = await kind.open();
  });
  afterAll(() => test?.remove());
  beforeEach(async () => {
    scope = await test.newScope();
  });
  const clients: pg.Client[] = [];
  afterEach(async () => {
    await feed?.stop();
    for (const client of clients.splice(0)) await client.end();
  });

  const start = (tuning: Partial<FeedTuning> = NEVER) => {
    feed = new EventFeed({ database: test.database, logger: silentLogger, shared: true, tuning });
    feed.start();
    return feed;
  };
  const record = async (
    names: readonly string[],
    { as = scope, user_id = 'ana', type = 'memory.session.created' as EventType, database = test.database } = {},
  ) => {
    const events = names.map((session_id) => ({
      type: type as 'memory.session.created',
      user_id,
      payload: { session_id },
    }));
    await database.withScope(as, (tx) => tx.run(recordEvents(as, events)));
  };

  it('tells of what is committed after it was opened, and only that', async () => {
    await record(['before']);
    const events = await start().open(scope, {});
    await record(['one']);
    await record(['two', 'three']);
    const told = await take(events, 3);
    expect(ids(told)).toEqual(['one', 'two', 'three']);
    expect(told[0]).toEqual({
      id: expect.stringMatching(/^\d+$/),
      org_id: scope.org_id,
      type: 'memory.session.created',
      user_id: 'ana',
      actor: 'test',
      payload: { session_id: 'one' },
      created_at: expect.stringMatching(/Z$/),
    });
  });

  it('goes on after the last id seen, without a gap or a repetition', async () => {
    start();
    const first = await feed.open(scope, {}, { after_id: '0' });
    const names = Array.from({ length: 1203 }, (_, index) => `s${index}`);
    await record(names);
    const [last] = (await take(first, 700)).slice(-1);
    await first.return();
    await record(['later']);
    const second = await feed.open(scope, {}, { after_id: last?.id });
    expect(ids(await take(second, 504))).toEqual([...names.slice(700), 'later']);
  });

  it('begins now for an id that is not of this log', async () => {
    start();
    await record(['before']);
    const events = await feed.open(scope, {}, { after_id: '999999999999999' });
    await record(['after']);
    expect(ids(await take(events, 1))).toEqual(['after']);
  });

  it('keeps to a user and to types, even where thousands of others lie between', async () => {
    const events = await start().open(
      scope,
      { user_id: 'ben', types: ['memory.session.deleted', 'memory.session.updated'] },
      { after_id: '0' },
    );
    await record(Array.from({ length: 1500 }, (_, index) => `noise${index}`));
    await record(['of another user'], { type: 'memory.session.deleted' });
    await record(['of another type'], { user_id: 'ben' });
    await record(['wanted'], { user_id: 'ben', type: 'memory.session.deleted' });
    await record(['wanted too'], { user_id: 'ben', type: 'memory.session.updated' });
    expect(ids(await take(events, 2))).toEqual(['wanted', 'wanted too']);
  });

  it('tells nothing of another organisation', async () => {
    const other = await test.newScope();
    const events = await start().open(scope, {}, { after_id: '0' });
    await record(['theirs'], { as: other });
    await record(['ours']);
    expect(ids(await take(events, 1))).toEqual(['ours']);
  });

  it('serves many readers, each at its own pace', async () => {
    start();
    const readers = await Promise.all(Array.from({ length: 40 }, () => feed.open(scope, {})));
    const names = Array.from({ length: 120 }, (_, index) => `s${index}`);
    const reading = readers.slice(1).map((reader) => take(reader, names.length));
    for (let index = 0; index < names.length; index += 10) await record(names.slice(index, index + 10));
    for (const told of await Promise.all(reading)) expect(ids(told)).toEqual(names);
    // One that reads nothing until now has missed nothing.
    const [slow] = readers;
    if (slow === undefined) throw new Error('no reader');
    expect(ids(await take(slow, names.length))).toEqual(names);
  });

  it('tells of what is committed while the log is looked at', async () => {
    let gate: PromiseWithResolvers<void> | undefined;
    let held = 0;
    const slow = new Proxy(test.database, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (name !== 'transaction') return typeof member === 'function' ? member.bind(target) : member;
        return async (work: Parameters<Database['transaction']>[0]) => {
          const state = await target.transaction(work);
          if (gate) held += 1;
          await gate?.promise;
          return state;
        };
      },
    });
    feed = new EventFeed({ database: slow, logger: silentLogger, shared: false, tuning: NEVER });
    feed.start();
    const events = await feed.open(scope, {});
    gate = Promise.withResolvers();
    await record(['one']);
    // The look that finds it has seen the log: whatever comes now is for the next one.
    await expect.poll(() => held).toBe(1);
    await record(['two']);
    gate.resolve();
    expect(ids(await take(events, 2))).toEqual(['one', 'two']);
  });

  it('reads once for readers at the same place, whatever they filter by', async () => {
    let reads = 0;
    const counting = new Proxy(test.database, {
      get: (target, name) => {
        if (name === 'withScope') reads += 1;
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    feed = new EventFeed({ database: counting, logger: silentLogger, shared: true, tuning: NEVER });
    feed.start();
    const users = ['ana', 'ben', undefined];
    const readers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => {
        const user_id = users[n % users.length];
        return feed.open(scope, user_id === undefined ? {} : { user_id });
      }),
    );
    const told = Promise.all(readers.map((reader) => take(reader, 1)));
    reads = 0;
    await test.database.withScope(scope, (tx) =>
      tx.run(
        recordEvents(
          scope,
          ['ben', 'ana'].map((user_id) => ({
            type: 'memory.session.created' as const,
            user_id,
            payload: { session_id: user_id },
          })),
        ),
      ),
    );
    expect((await told).flatMap(ids)).toEqual(readers.map((_, n) => users[n % users.length] ?? 'ben'));
    expect(reads).toBeLessThan(6);
  });

  it('ends at once when the signal aborts, the iterator is given back, or the feed stops', async () => {
    start();
    const controller = new AbortController();
    const aborted = await feed.open(scope, {}, { signal: controller.signal });
    const pending = aborted.next();
    controller.abort();
    expect(await pending).toEqual({ done: true, value: undefined });

    const returned = await feed.open(scope, {});
    const waiting = returned.next();
    await returned.return();
    expect(await waiting).toEqual({ done: true, value: undefined });

    const open = await feed.open(scope, {});
    const stopped = open.next();
    await feed.stop();
    expect(await stopped).toEqual({ done: true, value: undefined });
    expect(await (await feed.open(scope, {})).next()).toEqual({ done: true, value: undefined });
    const late = await feed.open(scope, {}, { signal: AbortSignal.abort() });
    expect(await late.next()).toEqual({ done: true, value: undefined });
  });

  it('finds what nobody told of', async () => {
    const events = await start({ poll: 20 }).open(scope, {});
    const text = `INSERT INTO archon_events (org_id, type, user_id, actor, payload)
      VALUES ($1, 'memory.session.created', 'ana', 'test', '{"session_id": "untold"}')`;
    await test.database.transaction(async (tx) => {
      await tx.sql(`SELECT set_config('app.current_org_id', $1, true)`, [scope.org_id]);
      await tx.sql(text, [scope.org_id]);
    });
    expect(ids(await take(events, 1))).toEqual(['untold']);
  });

  describe.runIf(kind.name === 'PostgreSQL')('with several connections', () => {
    const connect = async () => {
      const client = new pg.Client(test.pool as pg.ClientConfig);
      await client.connect();
      clients.push(client);
      return client;
    };
    const insert = (client: pg.Client, name: string) =>
      client.query(
        `INSERT INTO archon_events (org_id, type, user_id, actor, payload)
         VALUES ($1, 'memory.session.created', 'ana', 'test', jsonb_build_object('session_id', $2::text))`,
        [scope.org_id, name],
      );

    it('loses no event whose transaction commits after that of a later one', async () => {
      const events = await start({ poll: 5, recheck: [5, 5] }).open(scope, {});
      const [early, late] = [await connect(), await connect()];
      await early.query('BEGIN');
      await insert(early, 'first id');
      await late.query('BEGIN');
      await insert(late, 'second id');
      await late.query('COMMIT');
      const told: EventEnvelope[] = [];
      const reading = (async () => {
        for await (const event of events) told.push(event);
      })();
      // Time enough for the feed to look several times: it must hold the second back.
      for (let look = 0; look < 20; look += 1) await early.query('SELECT pg_sleep(0.01)');
      expect(told).toEqual([]);
      await early.query('COMMIT');
      await expect.poll(() => ids(told)).toEqual(['first id', 'second id']);
      await feed.stop();
      await reading;
    });

    it('says so when a transaction keeps live events waiting', async () => {
      const logged: string[] = [];
      const logger = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
      const tuning = { poll: 5, recheck: [5, 5] as const, patience: 30 };
      feed = new EventFeed({ database: test.database, logger, shared: false, tuning });
      const events = await feed.open(scope, {});
      const idle = await connect();
      await idle.query('BEGIN');
      await insert(idle, 'late');
      await expect.poll(() => logged.join()).toContain('live events wait');
      await idle.query('COMMIT');
      expect(ids(await take(events, 1))).toEqual(['late']);
    });

    it('goes on after a transaction that is rolled back', async () => {
      const events = await start({ poll: 5, recheck: [5, 5] }).open(scope, {});
      const [gone, stays] = [await connect(), await connect()];
      await gone.query('BEGIN');
      await insert(gone, 'never');
      await insert(stays, 'stays');
      await gone.query('ROLLBACK');
      expect(ids(await take(events, 1))).toEqual(['stays']);
    });

    it('does not wait for transactions that write no events, however long they are open', async () => {
      const events = await start().open(scope, {});
      const busy = await connect();
      await busy.query('BEGIN');
      await busy.query('CREATE TABLE taking_its_time ()');
      await record(['meanwhile']);
      expect(ids(await take(events, 1))).toEqual(['meanwhile']);
      await busy.query('ROLLBACK');
    });

    it('tells every reader of every event once while writers commit in any order', async () => {
      start({ recheck: [2, 10], gap: 1, poll: 50 });
      const readers = await Promise.all(Array.from({ length: 4 }, () => feed.open(scope, {})));
      const writers = await Promise.all(Array.from({ length: 8 }, connect));
      const per_writer = 60;
      const write = async (client: pg.Client, writer: number) => {
        for (let n = 0; n < per_writer; n += 1) {
          await client.query('BEGIN');
          await insert(client, `${writer}/${n}`);
          if ((writer + n) % 3 === 0) await client.query('SELECT pg_sleep(random() * 0.02)');
          await client.query('COMMIT');
        }
      };
      const writing = Promise.all(writers.map(write));
      const told = await Promise.all(readers.map((reader) => take(reader, writers.length * per_writer)));
      await writing;
      const all = writers.flatMap((_, writer) => Array.from({ length: per_writer }, (_none, n) => `${writer}/${n}`));
      for (const events of told) {
        expect(ids(events).sort()).toEqual([...all].sort());
        expect(events.map(({ id }) => Number(id))).toEqual(events.map(({ id }) => Number(id)).sort((a, b) => a - b));
      }
    });

    describe('and nodes', () => {
      let elsewhere: Database;
      let other: EventFeed;
      /** How often a node may have missed something: once when it begins to listen, and after each loss. */
      const missed = { here: 0, there: 0 };
      beforeEach(async () => {
        const pool = { ...test.pool, max: 2 };
        elsewhere = new Database({ pool, logger: silentLogger, statement_timeout_ms: 30_000 });
        other = new EventFeed({ database: elsewhere, logger: silentLogger, shared: true, tuning: NEVER });
        Object.assign(missed, { here: 0, there: 0 });
        other.onSettingsChanged(() => (missed.there += 1));
        other.start();
        start().onSettingsChanged(() => (missed.here += 1));
        await expect.poll(() => missed).toEqual({ here: 1, there: 1 });
      });
      afterEach(async () => {
        await other.stop();
        await elsewhere.close();
      });

      it('tells the readers of other nodes at once', async () => {
        const [here, there] = [await feed.open(scope, {}), await other.open(scope, {})];
        for (let n = 0; n < 5; n += 1) {
          await record([`here ${n}`]);
          await record([`there ${n}`], { database: elsewhere });
          for (const events of [here, there]) expect(ids(await take(events, 2))).toEqual([`here ${n}`, `there ${n}`]);
        }
      });

      it('hears again after the connection it listens by was lost, and has missed nothing', async () => {
        const events = await feed.open(scope, {});
        const admin = await connect();
        const { rowCount } = await admin.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE query LIKE 'LISTEN%' AND datname = current_database()`,
        );
        expect(rowCount).toBe(2);
        // Nobody hears of this one; it is found once listening has begun again.
        await record(['while away'], { database: elsewhere });
        expect(ids(await take(events, 1))).toEqual(['while away']);
        await expect.poll(() => missed, { timeout: 20_000 }).toEqual({ here: 2, there: 2 });
        await record(['back'], { database: elsewhere });
        expect(ids(await take(events, 1))).toEqual(['back']);
      });
    });
  });
});
