import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pulse } from './pulse.ts';

let asked: number;
let gone: number;
let pulse: Pulse;
beforeEach(() => {
  vi.useFakeTimers();
  asked = 0;
  gone = 0;
  pulse = new Pulse({
    ask: async () => {
      asked += 1;
    },
    gone: () => {
      gone += 1;
    },
  });
});
afterEach(() => {
  pulse.stop();
  vi.useRealTimers();
});

describe('the pulse of a connection', () => {
  it('asks nothing while the other end talks', () => {
    for (let second = 0; second < 60; second += 1) {
      vi.advanceTimersByTime(1000);
      pulse.heard();
    }
    expect([asked, gone]).toEqual([0, 0]);
  });

  it('asks after some seconds of silence, and is content with any answer', () => {
    vi.advanceTimersByTime(6000);
    expect([asked, gone]).toEqual([1, 0]);
    pulse.heard();
    vi.advanceTimersByTime(11_000);
    expect([asked, gone]).toEqual([2, 0]);
  });

  it('says once, within fifteen seconds, that nobody is there', () => {
    vi.advanceTimersByTime(15_000);
    expect([asked, gone]).toEqual([1, 1]);
    vi.advanceTimersByTime(60_000);
    expect([asked, gone]).toEqual([1, 1]);
  });

  it('does not count the time the page itself was asleep', () => {
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(1000);
    expect([asked, gone]).toEqual([0, 0]);
  });

  it('asks at once when somebody looks again, and then waits as usual', () => {
    pulse.look();
    pulse.look();
    expect(asked).toBe(1);
    vi.advanceTimersByTime(7000);
    expect(gone).toBe(0);
    vi.advanceTimersByTime(1000);
    expect([asked, gone]).toEqual([1, 1]);
  });
});
