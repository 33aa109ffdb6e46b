import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SharedCounters } from './shared-counters.ts';
import { StuckWatch } from './stuck-watch.ts';

let counters: SharedCounters;
let stuck: number;
let watch: StuckWatch;

beforeEach(() => {
  vi.useFakeTimers();
  counters = new SharedCounters();
  stuck = 0;
  watch = new StuckWatch(counters, 10_000, () => {
    stuck += 1;
  });
});

afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

describe('the watch for endless statements', () => {
  it('tells of one that runs past the limit, once', () => {
    counters.add('units_started', 1);
    vi.advanceTimersByTime(9_000);
    expect(stuck).toBe(0);
    vi.advanceTimersByTime(5_000);
    expect(stuck).toBe(1);
    vi.advanceTimersByTime(60_000);
    expect(stuck).toBe(1);
  });

  it('says nothing of many short ones', () => {
    for (let second = 0; second < 60; second += 1) {
      counters.add('units_started', 1);
      vi.advanceTimersByTime(1_000);
      counters.add('units_finished', 1);
    }
    expect(stuck).toBe(0);
  });

  it('says nothing of a database at rest', () => {
    counters.add('units_started', 1);
    counters.add('units_finished', 1);
    vi.advanceTimersByTime(3_600_000);
    expect(stuck).toBe(0);
  });
});
