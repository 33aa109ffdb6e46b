import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { timeLeft, withinDeadline } from './deadline.ts';

describe('a deadline', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.runAllTimers();
    vi.useRealTimers();
  });

  it('is known to everything that a request does, and to nothing else', async () => {
    expect(timeLeft()).toBe(Number.POSITIVE_INFINITY);
    const left = await withinDeadline(5000, async () => {
      await vi.advanceTimersByTimeAsync(2000);
      return timeLeft();
    });
    expect(left).toBe(3000);
    expect(timeLeft()).toBe(Number.POSITIVE_INFINITY);
  });

  it('answers when it is over, and ends what still runs for that request', async () => {
    const goOn = Promise.withResolvers<void>();
    const left: number[] = [];
    const asked = withinDeadline(1000, async () => {
      await goOn.promise;
      left.push(timeLeft());
    });
    const told = expect(asked).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      message: expect.stringContaining('did not answer within 1 s'),
    });
    await vi.advanceTimersByTimeAsync(1000);
    await told;
    goOn.resolve();
    await vi.waitFor(() => expect(left).toEqual([0]));
  });

  it('does not bind what a request only began, such as an import', async () => {
    const left: number[] = [];
    await withinDeadline(1000, async () => {
      setTimeout(() => left.push(timeLeft()), 60_000);
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(left).toEqual([Number.POSITIVE_INFINITY]);
  });

  it('passes on what the work throws, also after the answer', async () => {
    const broken = new Error('broken');
    await expect(withinDeadline(1000, () => Promise.reject(broken))).rejects.toBe(broken);
    const late = Promise.withResolvers<never>();
    const told = expect(withinDeadline(10, () => late.promise)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    await vi.advanceTimersByTimeAsync(10);
    await told;
    late.reject(broken); // Nobody is there to be told: that is no unhandled rejection.
    await vi.advanceTimersByTimeAsync(0);
  });
});
