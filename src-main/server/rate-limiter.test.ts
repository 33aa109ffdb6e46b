import { describe, expect, it } from 'vitest';
import { RateLimiter } from './rate-limiter.ts';

describe('rate limiter', () => {
  it('lets through as many as a minute holds, then one as often as the rate says', () => {
    let now = 0;
    const limiter = new RateLimiter(() => 60, { now: () => now });
    for (let call = 0; call < 60; call += 1) expect(limiter.take('a')).toBe(0);
    expect(limiter.take('a')).toBe(1);
    now += 999;
    expect(limiter.take('a')).toBe(1);
    now += 1;
    expect(limiter.take('a')).toBe(0);
    expect(limiter.take('a')).toBe(1);
  });

  it('says how many seconds to wait when the rate is slow', () => {
    const limiter = new RateLimiter(() => 1, { now: () => 0 });
    expect(limiter.take('a')).toBe(0);
    expect(limiter.take('a')).toBe(60);
  });

  it('counts callers apart, and never saves up more than a minute', () => {
    let now = 0;
    const limiter = new RateLimiter(() => 2, { now: () => now });
    expect([limiter.take('a'), limiter.take('a')]).toEqual([0, 0]);
    expect(limiter.take('b')).toBe(0);
    now += 3_600_000;
    expect([limiter.take('a'), limiter.take('a')]).toEqual([0, 0]);
    expect(limiter.take('a')).toBeGreaterThan(0);
  });

  it('survives a clock that goes back', () => {
    let now = 10_000;
    const limiter = new RateLimiter(() => 1, { now: () => now });
    limiter.take('a');
    now = 0;
    expect(limiter.take('a')).toBeGreaterThan(0);
  });

  it('has no limit when it is 0', () => {
    const limiter = new RateLimiter(() => 0, { now: () => 0 });
    for (let call = 0; call < 1000; call += 1) expect(limiter.take('a')).toBe(0);
  });
});
