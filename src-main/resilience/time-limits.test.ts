import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { limitTime } from './time-limits.ts';

describe('limits of time', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => {
    vi.runAllTimers();
    vi.useRealTimers();
  });

  it.each([100, 2000, 30_000])('of %i ms are told of when they are over, once, and not before', (limit_ms) => {
    const onOver = vi.fn();
    limitTime(limit_ms, onOver);
    vi.advanceTimersByTime(limit_ms - 1);
    expect(onOver).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(onOver).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(100_000);
    expect(onOver).toHaveBeenCalledTimes(1);
  });

  it.each([100, 2000])('of %i ms that were taken back are not told of', (limit_ms) => {
    const onOver = vi.fn();
    limitTime(limit_ms, onOver)();
    vi.advanceTimersByTime(100_000);
    expect(onOver).not.toHaveBeenCalled();
  });

  it('are each told of in their time, however many there are, and one may take back another', () => {
    const told: string[] = [];
    limitTime(3000, () => told.push('second'));
    limitTime(1000, () => {
      told.push('first');
      takeBack();
      limitTime(3000, () => told.push('third'));
    });
    const takeBack = limitTime(1000, () => told.push('never'));
    vi.advanceTimersByTime(1100);
    expect(told).toEqual(['first']);
    vi.advanceTimersByTime(2000);
    expect(told).toEqual(['first', 'second']);
    vi.advanceTimersByTime(2000);
    expect(told).toEqual(['first', 'second', 'third']);
  });

  it('leave no timer behind once nothing is limited', () => {
    limitTime(30_000, () => {})();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(100);
    expect(vi.getTimerCount()).toBe(0);
  });
});
