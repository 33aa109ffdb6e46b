import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../../src-contract/index.ts';
import { TestClock } from '../../tests/support/test-clock.ts';
import { ArchonError } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import type { Database, Transaction } from '../storage/database.ts';
import { EventQueue, type QueueTuning } from './event-queue.ts';

const ana: Scope = { org_id: 'a0000000-0000-7000-8000-000000000001', actor: 'ana' };
const ben: Scope = { ...ana, actor: 'ben' };
const other: Scope = { org_id: 'b0000000-0000-7000-8000-000000000002', actor: 'ana' };

const created = (session_id: string): NewEvent => ({
  type: 'memory.session.created',
  user_id: 'u',
  payload: { session_id },
});
const added = (session_id: string, ...message_ids: string[]): NewEvent => ({
  type: 'memory.message.added',
  user_id: 'u',
  payload: { session_id, message_ids },
});

interface Row {
  org_id: string;
  actor: string;
  type: string;
  payload: NewEvent['payload'];
}

/** A database that keeps what is inserted, or fails as it is told to. */
class FakeDatabase {
  readonly rows: Row[] = [];
  transactions = 0;
  failure: Error | undefined;
  /** Resolves with every attempt to write. */
  attempt = Promise.withResolvers<void>();

  withScope = (async (_scope: Scope, work: (tx: Transaction) => Promise<unknown>) => {
    this.attempt.resolve();
    this.attempt = Promise.withResolvers();
    if (this.failure) throw this.failure;
    const rows: Row[] = [];
    const run = async (query: { compile(): { sql: string; parameters: readonly unknown[] } }) => {
      const { parameters } = query.compile();
      for (let at = 0; at < parameters.length; at += 5) {
        const [org_id, type, , actor, payload] = parameters.slice(at, at + 5);
        rows.push({ org_id, type, actor, payload } as Row);
      }
      return [];
    };
    const result = await work({ run } as unknown as Transaction);
    this.rows.push(...rows);
    this.transactions += 1;
    return result;
  }) as Database['withScope'];
}

function setUp(tuning: Partial<QueueTuning> = {}) {
  const database = new FakeDatabase();
  const clock = new TestClock();
  const logged: string[] = [];
  const logger = pino({}, { write: (line: string) => void logged.push(line) });
  const quick = { write_after_ms: 1, retry_ms: [1, 4] as const, stop_within_ms: 1000, ...tuning };
  const queue = new EventQueue({ database, clock, logger, tuning: quick });
  return { database, clock, logged, queue };
}

const away = () => new ArchonError('STORAGE_UNAVAILABLE', 'away');
const told = ({ rows }: FakeDatabase) => rows.map(({ type, payload }) => [type, payload]);

describe('the queue of events', () => {
  it('writes them by itself, in their order, with who did it', async () => {
    const { database, queue } = setUp();
    queue.record(ana, created('1'));
    queue.record(ben, created('2'));
    queue.record(other, created('3'));
    queue.record(ana, created('4'));
    await expect.poll(() => database.rows.length).toBe(4);
    expect(database.rows.map(({ org_id, actor, payload }) => [org_id, actor, payload])).toEqual([
      [ana.org_id, 'ana', { session_id: '1' }],
      [ana.org_id, 'ben', { session_id: '2' }],
      [ana.org_id, 'ana', { session_id: '4' }],
      [other.org_id, 'ana', { session_id: '3' }],
    ]);
    expect(database.transactions).toBe(2);
    await queue.stop();
  });

  it('tells of messages that follow each other in a session in one event, up to 500', async () => {
    const { database, queue } = setUp();
    queue.record(ana, added('s', 'm1'));
    queue.record(ana, added('s', 'm2', 'm3'));
    queue.record(ana, added('t', 'm4'));
    queue.record(ben, added('t', 'm5'));
    queue.record(ben, added('t', ...Array.from({ length: 500 }, (_, n) => `n${n}`)));
    await queue.flush();
    const messages = database.rows.map(({ payload }) => ('message_ids' in payload ? payload.message_ids.length : 0));
    expect(messages).toEqual([3, 1, 1, 500]);
    await queue.stop();
  });

  it('keeps them while the database is away, and writes them once when it is back', async () => {
    const { database, queue } = setUp();
    database.failure = away();
    queue.record(ana, created('1'));
    for (let tries = 0; tries < 3; tries += 1) await database.attempt.promise;
    queue.record(ana, created('2'));
    database.failure = undefined;
    await expect.poll(() => told(database)).toHaveLength(2);
    expect(told(database)).toEqual([
      ['memory.session.created', { session_id: '1' }],
      ['memory.session.created', { session_id: '2' }],
    ]);
    await queue.stop();
  });

  it('gives up the oldest beyond its bounds of size and age, and says so', async () => {
    const { database, clock, logged, queue } = setUp({ max_size: 3000, keep_ms: 60_000, retry_ms: [60_000, 60_000] });
    database.failure = away();
    queue.record(ana, created('old'));
    clock.advance({ minutes: 2 });
    for (let n = 0; n < 20; n += 1) queue.record(ana, created(`${n}`));
    database.failure = undefined;
    await queue.flush();
    const ids = database.rows.map(({ payload }) => Number((payload as { session_id: string }).session_id));
    expect(ids.length).toBeGreaterThan(5);
    expect(ids.length).toBeLessThan(16);
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, n) => n + 20 - ids.length));
    expect(JSON.parse(logged.at(-1) ?? '{}')).toMatchObject({ events: 21 - ids.length });
    await queue.stop();
  });

  it('passes over what the database refuses', async () => {
    const { database, logged, queue } = setUp();
    database.failure = new Error('not in this column');
    queue.record(ana, created('bad'));
    await queue.flush();
    database.failure = undefined;
    queue.record(ana, created('good'));
    await queue.flush();
    expect(told(database)).toEqual([['memory.session.created', { session_id: 'good' }]]);
    expect(logged.join()).toContain('not in this column');
    await queue.stop();
  });

  it('writes what is waiting when it stops; what it cannot write it tells of', async () => {
    const first = setUp({ write_after_ms: 60_000 });
    first.queue.record(ana, created('last'));
    await first.queue.stop();
    expect(told(first.database)).toHaveLength(1);
    const second = setUp({ retry_ms: [60_000, 60_000] });
    second.database.failure = away();
    second.queue.record(ana, created('lost'));
    await second.queue.stop();
    expect(JSON.parse(second.logged.at(-1) ?? '{}')).toMatchObject({ events: 1 });
  });

  it('stops in time when the database hangs', async () => {
    const { database, logged, queue } = setUp({ stop_within_ms: 20 });
    database.withScope = () => new Promise(() => {});
    queue.record(ana, created('stuck'));
    await queue.stop();
    expect(logged).toHaveLength(1);
  });
});
