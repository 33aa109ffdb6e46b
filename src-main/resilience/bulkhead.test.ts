import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Bulkhead, CrowdedError } from './bulkhead.ts';

describe('a bulkhead', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const make = () => new Bulkhead('The store', { running: 2, waiting: 2, wait_ms: 1000 });
  const held = (bulkhead: Bulkhead, most_ms?: number) => {
    const end = Promise.withResolvers<string>();
    const began = vi.fn();
    const done = bulkhead.run(() => {
      began();
      return end.promise;
    }, most_ms);
    done.catch(() => {});
    return { end, began, done };
  };

  it('lets so many run and so many wait, in their order, and refuses the rest in words', async () => {
    const bulkhead = make();
    const calls = Array.from({ length: 4 }, () => held(bulkhead));
    await expect(bulkhead.run(async () => 'never')).rejects.toThrow(
      'The store is busy: 2 calls run and 2 wait for them. Ask less at once, and try again.',
    );
    expect(calls.map(({ began }) => began.mock.calls.length)).toEqual([1, 1, 0, 0]);
    expect([bulkhead.running, bulkhead.waiting]).toEqual([2, 2]);
    calls[1]?.end.resolve('second');
    expect(await calls[1]?.done).toBe('second');
    await vi.waitFor(() => expect(calls[2]?.began).toHaveBeenCalledOnce());
    expect(calls[3]?.began).not.toHaveBeenCalled();
    for (const { end } of calls) end.resolve('done');
    expect(await calls[3]?.done).toBe('done');
    expect([bulkhead.running, bulkhead.waiting]).toEqual([0, 0]);
  });

  it('lets nobody wait for longer than told, and never makes a call whose caller has left', async () => {
    const bulkhead = make();
    const [first, second] = [held(bulkhead), held(bulkhead)];
    const [patient, hasty] = [held(bulkhead), held(bulkhead, 100)];
    await vi.advanceTimersByTimeAsync(100);
    await expect(hasty.done).rejects.toBeInstanceOf(CrowdedError);
    await vi.advanceTimersByTimeAsync(900);
    await expect(patient.done).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', retry_after_seconds: 1 });
    first.end.resolve('done');
    second.end.resolve('done');
    await first.done;
    expect(await bulkhead.run(async () => 'next')).toBe('next');
    expect(patient.began).not.toHaveBeenCalled();
    expect(hasty.began).not.toHaveBeenCalled();
  });

  it('waits no longer once a call has begun, however long that takes', async () => {
    const bulkhead = make();
    const [first, second, third] = [held(bulkhead), held(bulkhead), held(bulkhead)];
    first.end.resolve('done');
    await first.done;
    await vi.waitFor(() => expect(third.began).toHaveBeenCalledOnce());
    await vi.advanceTimersByTimeAsync(10_000);
    third.end.resolve('late');
    expect(await third.done).toBe('late');
    second.end.resolve('done');
  });

  it('makes a call that waited as its own caller, and passes on what it throws', async () => {
    const bulkhead = make();
    const caller = new AsyncLocalStorage<string>();
    const blocker = caller.run('ada', () => [held(bulkhead), held(bulkhead)]);
    const seen = caller.run('bob', () =>
      bulkhead.run(async () => {
        throw new Error(`of ${caller.getStore()}`);
      }),
    );
    const told = expect(seen).rejects.toThrow('of bob');
    for (const { end } of blocker) end.resolve('done');
    await told;
  });
});
