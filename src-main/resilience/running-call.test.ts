import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RunningCall } from './running-call.ts';

describe('a running call', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.runAllTimers();
    vi.useRealTimers();
  });

  it('is given up shortly before its time is over, and told to end', async () => {
    const told = vi.fn();
    const made = new RunningCall(0).make((signal) => {
      signal.addEventListener('abort', told);
      return new Promise<never>(() => {});
    }, 1000);
    const refused = expect(made).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    await vi.advanceTimersByTimeAsync(749);
    expect(told).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await refused;
    expect(told).toHaveBeenCalledOnce();
  });

  it('is given up by whoever knows better, with that reason, also without a limit', async () => {
    const running = new RunningCall(0);
    const late = Promise.withResolvers<never>();
    const made = running.make(() => late.promise, Number.POSITIVE_INFINITY);
    const refused = expect(made).rejects.toThrow('it is away');
    running.giveUp(new Error('it is away'));
    await refused;
    late.reject(new Error('too late to be heard'));
    await vi.advanceTimersByTimeAsync(0);
  });

  it('leaves no timer behind, however it ends', async () => {
    expect(await new RunningCall(0).make(async () => 'done', 1000)).toBe('done');
    await expect(new RunningCall(0).make(() => Promise.reject(new Error('no')), 1000)).rejects.toThrow('no');
    // Limits are looked at together, a last time when none is left.
    await vi.advanceTimersByTimeAsync(100);
    expect(vi.getTimerCount()).toBe(0);
  });
});
