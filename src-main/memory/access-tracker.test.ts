import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Scope } from '../identity/scope.ts';
import type { Database, Transaction } from '../storage/database.ts';
import { AccessTracker } from './access-tracker.ts';

const scope: Scope = { org_id: '00000000-0000-7000-8000-000000000001', actor: 'test' };
const clock = { now: () => Date.UTC(2026, 0, 1) };

/** A database that is away when told so, and keeps the counts it was given. */
function testDatabase() {
  const state = { away: false, attempts: 0, counts: {} as Record<string, number> };
  const tx = {
    sql: async (_text: string, [, ids, counts]: [string, string[], number[]]) => {
      for (const [index, id] of ids.entries()) state.counts[id] = (state.counts[id] ?? 0) + (counts[index] ?? 0);
      return [];
    },
  } as unknown as Transaction;
  const database = {
    withScope: async (_scope: Scope, work: (tx: Transaction) => Promise<unknown>) => {
      state.attempts += 1;
      if (state.away) throw new Error('away');
      return await work(tx);
    },
  } as unknown as Database;
  return { state, tracker: new AccessTracker({ database, clock, logger: pino({ level: 'silent' }) }) };
}

describe('counting accesses', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('writes them together a moment later', async () => {
    const { state, tracker } = testDatabase();
    tracker.touch(scope, ['a', 'b']);
    tracker.touch(scope, ['a']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(state).toMatchObject({ attempts: 1, counts: { a: 2, b: 1 } });
  });

  it('tries again by itself after the database was away, and loses none', async () => {
    const { state, tracker } = testDatabase();
    state.away = true;
    tracker.touch(scope, ['a']);
    await vi.advanceTimersByTimeAsync(2000);
    expect(state.attempts).toBe(2);
    state.away = false;
    await vi.advanceTimersByTimeAsync(1000);
    expect(state.counts).toEqual({ a: 1 });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(state.attempts).toBe(3);
  });

  it('does not ask a database that is away at every access', async () => {
    const { state, tracker } = testDatabase();
    state.away = true;
    const ids = Array.from({ length: 600 }, (_, index) => `m${index}`);
    tracker.touch(scope, ids);
    await vi.advanceTimersByTimeAsync(0);
    for (let time = 0; time < 50; time += 1) tracker.touch(scope, ['a']);
    await vi.advanceTimersByTimeAsync(0);
    expect(state.attempts).toBe(1);
  });

  it('tries no more once it is closed', async () => {
    const { state, tracker } = testDatabase();
    state.away = true;
    tracker.touch(scope, ['a']);
    await tracker.close();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(state.attempts).toBe(1);
  });
});
