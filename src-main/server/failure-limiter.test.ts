import { beforeEach, describe, expect, it } from 'vitest';
import { TestClock } from '../../tests/support/test-clock.ts';
import { FailureLimiter } from './failure-limiter.ts';

let clock: TestClock;
let limiter: FailureLimiter;
beforeEach(() => {
  clock = new TestClock('2026-01-01T00:00:00Z');
  limiter = new FailureLimiter(3, clock);
});

const failTimes = (address: string, times: number) => {
  for (let turn = 0; turn < times; turn += 1) limiter.fail(address);
};

describe('an address that keeps failing', () => {
  it('waits until its failures are a minute old', () => {
    failTimes('192.0.2.1', 2);
    expect(limiter.waitSeconds('192.0.2.1')).toBe(0);
    clock.advance({ ms: 20_000 });
    limiter.fail('192.0.2.1');
    expect(limiter.waitSeconds('192.0.2.1')).toBe(40);
    clock.advance({ ms: 39_999 });
    expect(limiter.waitSeconds('192.0.2.1')).toBe(1);
    clock.advance({ ms: 1 });
    expect(limiter.waitSeconds('192.0.2.1')).toBe(0);
    failTimes('192.0.2.1', 2);
    expect(limiter.waitSeconds('192.0.2.1')).toBe(20);
  });

  it('does not hold off others', () => {
    failTimes('192.0.2.1', 3);
    expect(limiter.waitSeconds('192.0.2.2')).toBe(0);
    expect(limiter.waitSeconds('::ffff:192.0.2.2')).toBe(0);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:1:2:3', true],
    ['2001:db8::1', '2001:db8:0:0:5::1', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::1', '::2', true],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ])('%s and %s in one network: %s', (one, other, same) => {
    failTimes(one, 3);
    expect(limiter.waitSeconds(other) > 0).toBe(same);
  });

  it('is forgotten when very many others fail, so that memory stays bounded', () => {
    failTimes('192.0.2.1', 3);
    for (let index = 0; index < 10_000; index += 1)
      limiter.fail(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);
    expect(limiter.waitSeconds('192.0.2.1')).toBe(0);
  });
});
