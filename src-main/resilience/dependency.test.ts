import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TestClock } from '../../tests/support/test-clock.ts';
import type { StateChange } from './circuit-breaker.ts';
import { withinDeadline } from './deadline.ts';
import { Dependency } from './dependency.ts';

class GoneError extends Error {}

describe('a dependency', () => {
  afterEach(() => {
    dependency.stop();
    vi.advanceTimersByTime(100);
    vi.useRealTimers();
  });

  let changes: StateChange[];
  let dependency: Dependency;
  let settings: { enabled: boolean; threshold: number; reset_seconds: number };
  beforeEach(() => {
    vi.useFakeTimers();
    changes = [];
    settings = { enabled: true, threshold: 2, reset_seconds: 10 };
    dependency = new Dependency({
      title: 'The store',
      limits: { running: 2, waiting: 2, wait_ms: 5000 },
      settings: () => settings,
      judge: (error) => (error instanceof GoneError ? 'away' : 'answered'),
      isPassing: (error) => error instanceof GoneError,
      clock: new TestClock(),
      watch: { suspect: 3000, look: 500 },
      onChange: (change) => changes.push(change),
    });
  });

  const fail = () => dependency.run(() => Promise.reject(new GoneError('refused'))).catch(() => {});
  /** A call that is never answered, and whether it was ended from here. */
  const swallowed = () => {
    const cut = vi.fn();
    const done = dependency.run(
      (signal) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            cut();
            reject(signal.reason);
          });
        }),
    );
    done.catch(() => {});
    return { cut, done };
  };

  it('is found again without anybody asking', async () => {
    let isThere = false;
    const ping = vi.fn(async () => {
      if (!isThere) throw new GoneError('still gone');
      return { latency_ms: 1, detail: 'there' };
    });
    dependency.watchWith(ping);
    await fail();
    await fail();
    expect(dependency.state.state).toBe('open');
    await vi.advanceTimersByTimeAsync(10_500);
    expect(ping).toHaveBeenCalledOnce();
    expect(dependency.state).toMatchObject({ state: 'open', error: 'still gone' });
    isThere = true;
    await vi.advanceTimersByTimeAsync(10_500);
    expect(dependency.state).toEqual({ state: 'closed', failures: 0 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ping).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is tried before its time when something says that it may be back', async () => {
    dependency.watchWith(async () => ({ latency_ms: 1, detail: 'there' }));
    await fail();
    await fail();
    dependency.mayBeBack();
    await vi.advanceTimersByTimeAsync(0);
    expect(dependency.state.state).toBe('closed');
  });

  it('that swallows calls is suspected, tested and given up; the calls end, and later ones at once', async () => {
    dependency.watchWith(() => Promise.reject(new GoneError('no answer')));
    const calls = [swallowed(), swallowed()];
    await vi.advanceTimersByTimeAsync(2500);
    expect(dependency.state).toEqual({ state: 'closed', failures: 0 });
    await vi.advanceTimersByTimeAsync(3000);
    expect(dependency.state.state).toBe('open');
    for (const { cut, done } of calls) {
      await expect(done).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
      expect(cut).toHaveBeenCalledOnce();
    }
    await expect(dependency.run(async () => 'never')).rejects.toThrow('The store is away since');
    expect(dependency.counts).toMatchObject({ refused: 1, failed: 2 });
  });

  it('that is slow but answers a test is left its time', async () => {
    const ping = vi.fn(async () => ({ latency_ms: 1, detail: 'there' }));
    dependency.watchWith(ping);
    const slow = Promise.withResolvers<string>();
    const done = dependency.run(() => slow.promise);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(ping.mock.calls.length).toBeGreaterThan(2);
    expect(dependency.state).toEqual({ state: 'closed', failures: 0 });
    slow.resolve('at last');
    expect(await done).toBe('at last');
  });

  it('is neither tested nor given up while its breaker is switched off', async () => {
    settings = { ...settings, enabled: false };
    const ping = vi.fn(() => Promise.reject(new GoneError('no answer')));
    dependency.watchWith(ping);
    const { done } = swallowed();
    for (let i = 0; i < 5; i += 1) await fail();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ping).not.toHaveBeenCalled();
    expect(dependency.state).toEqual({ state: 'closed', failures: 0 });
    expect(changes).toEqual([]);
    void done;
  });

  it('that cannot be tested is tried by the first call after its time, and by that one alone', async () => {
    await fail();
    await fail();
    await vi.advanceTimersByTimeAsync(10_000);
    const answer = Promise.withResolvers<string>();
    const trial = dependency.run(() => answer.promise);
    await expect(dependency.run(async () => 'never')).rejects.toThrow('is just being tried');
    answer.resolve('there');
    expect(await trial).toBe('there');
    expect(await dependency.run(async () => 'next')).toBe('next');
    await expect(dependency.test()).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is waited for no longer than the request has, its place in the queue included', async () => {
    const [first, second] = [swallowed(), swallowed()];
    const waiting = withinDeadline(1000, () => dependency.run(async () => 'never'));
    const told = expect(waiting).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    await vi.advanceTimersByTimeAsync(1000);
    await told;
    expect(dependency.counts.crowded).toBe(1);
    void [first, second];
  });

  it('ends a call whose request is over, which says nothing of the service', async () => {
    const cut = vi.fn();
    const asked = withinDeadline(2000, () =>
      dependency.run((signal) => {
        signal.addEventListener('abort', cut);
        return new Promise<never>(() => {});
      }),
    );
    const told = expect(asked).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', retry_after_seconds: 5 });
    await vi.advanceTimersByTimeAsync(2000);
    await told;
    expect(cut).toHaveBeenCalledOnce();
    expect(dependency.state).toEqual({ state: 'closed', failures: 0 });
    expect(dependency.calls.running).toBe(0);
  });

  it('repeats what is safe to repeat, and nothing that answers or has no time left', async () => {
    const refused = vi.fn(() => Promise.reject(new GoneError('refused')));
    const repeated = expect(dependency.repeat(refused)).rejects.toThrow('refused');
    await vi.advanceTimersByTimeAsync(2000);
    await repeated;
    expect(refused).toHaveBeenCalledTimes(3);
    expect(dependency.counts.retried).toBe(2);
    const mistaken = vi.fn(() => Promise.reject(new Error('no such table')));
    await expect(dependency.repeat(mistaken)).rejects.toThrow('no such table');
    expect(mistaken).toHaveBeenCalledOnce();
    refused.mockClear();
    await expect(withinDeadline(500, () => dependency.repeat(refused))).rejects.toThrow('refused');
    expect(refused).toHaveBeenCalledOnce();
  });
});
