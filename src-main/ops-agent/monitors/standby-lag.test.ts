import { describe, expect, it } from 'vitest';
import { SteadyTestClock } from '../../../tests/support/steady-test-clock.ts';
import { StandbyLag, type StandbyRow } from './standby-lag.ts';

const row = (replayed_bytes: number, behind_bytes: number, lag_seconds: number | null = null): StandbyRow => ({
  standby: 'west',
  lag_seconds,
  replayed_bytes,
  behind_bytes,
});

function start() {
  const clock = new SteadyTestClock();
  const lag = new StandbyLag(clock);
  return { clock, next: (of: StandbyRow) => lag.next([of]).get('west') };
}

describe('how far a standby is behind', () => {
  it('is as the server measured it while it makes progress', () => {
    const { clock, next } = start();
    expect(next(row(100, 50, 2.5))).toBe(2.5);
    clock.advance({ minutes: 1 });
    expect(next(row(200, 50, 3))).toBe(3);
  });

  it('is nothing once it has everything, whatever was measured last', () => {
    const { next } = start();
    expect(next(row(100, 0, 9))).toBe(0);
  });

  it('grows while it stands still with something to do', () => {
    const { clock, next } = start();
    next(row(100, 50, 2));
    for (const minutes of [1, 2, 3]) {
      clock.advance({ minutes: 1 });
      expect(next(row(100, 50 * minutes, 2))).toBe(minutes * 60);
    }
    clock.advance({ minutes: 1 });
    expect(next(row(120, 10, 2))).toBe(2);
  });

  it('does not grow while there is nothing to do: the first write after that has just come', () => {
    const { clock, next } = start();
    next(row(100, 0));
    clock.advance({ minutes: 30 });
    expect(next(row(100, 8))).toBe(0);
    clock.advance({ minutes: 1 });
    expect(next(row(100, 8))).toBe(60);
  });

  it('is the same whatever the clock is set to', () => {
    const { clock, next } = start();
    next(row(100, 50));
    clock.set({ days: 1 });
    clock.advance({ minutes: 1 });
    expect(next(row(100, 50))).toBe(60);
  });
});
