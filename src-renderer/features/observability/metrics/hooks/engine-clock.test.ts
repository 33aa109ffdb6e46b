import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { engineNow, useEngineClock } from './engine-clock.ts';

const HERE = Date.parse('2026-03-01T10:00:00Z');

beforeEach(() => void vi.useFakeTimers({ now: HERE }));
afterEach(() => {
  vi.useRealTimers();
  useEngineClock.setState({ ahead_ms: 0 });
});

describe('the clock of the engine', () => {
  const { heard } = useEngineClock.getState();

  it('is that of this computer until it is heard that it is not', () => {
    expect(engineNow()).toBe(HERE);
    heard('2026-03-01T07:00:00Z');
    expect(engineNow()).toBe(HERE - 3 * 3_600_000);
    vi.advanceTimersByTime(60_000);
    expect(engineNow()).toBe(HERE - 3 * 3_600_000 + 60_000);
  });

  it('does not move with the time that answers take', () => {
    heard('2026-03-01T10:00:01.500Z');
    expect(useEngineClock.getState().ahead_ms).toBe(0);
    heard('2026-03-01T12:00:00Z');
    heard('2026-03-01T11:59:59Z');
    expect(useEngineClock.getState().ahead_ms).toBe(2 * 3_600_000);
    heard('2026-03-01T10:00:00Z');
    expect(engineNow()).toBe(HERE);
  });
});
