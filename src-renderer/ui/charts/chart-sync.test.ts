import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChartSync } from './chart-sync.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the crosshair of all charts', () => {
  it('moves every line at once, and tells nothing twice', () => {
    const sync = new ChartSync();
    const seen: (number | null)[] = [];
    const stop = sync.subscribe((time) => seen.push(time));
    for (const time of [1, 2, 2, null, null]) sync.move(time);
    stop();
    sync.move(3);
    expect(seen).toEqual([1, 2, null]);
    expect(sync.time).toBe(3);
  });

  it('lets words follow, of where it is then and not of where it was between', () => {
    const sync = new ChartSync();
    const said: (number | null)[] = [];
    sync.subscribeWords((time) => said.push(time));
    for (const time of [1, 2, 3]) sync.move(time);
    expect(said).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(said).toEqual([3]);
    sync.move(null);
    vi.advanceTimersByTime(100);
    vi.advanceTimersByTime(1000);
    expect(said).toEqual([3, null]);
  });
});
