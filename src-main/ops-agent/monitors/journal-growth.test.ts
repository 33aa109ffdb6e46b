import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SteadyTestClock } from '../../../tests/support/steady-test-clock.ts';
import { JournalGrowth } from './journal-growth.ts';

describe('growth of the journal', () => {
  it('is what came in the last five minutes, less what left', () => {
    const clock = new SteadyTestClock();
    const growth = new JournalGrowth(clock);
    const told = [0, 10, 20, 30, 40, 50, 55, 55, 20].map((writes) => {
      const grown = growth.next(writes);
      clock.advance({ minutes: 1 });
      return grown;
    });
    expect(told).toEqual([0, 10, 20, 30, 40, 50, 45, 35, -10]);
  });

  it('is over by itself once nothing comes any more', () => {
    const clock = new SteadyTestClock();
    const growth = new JournalGrowth(clock);
    growth.next(0);
    clock.advance({ minutes: 1 });
    expect(growth.next(500)).toBe(500);
    clock.advance({ minutes: 5 });
    expect(growth.next(500)).toBe(0);
  });

  it('goes on whatever the clock is set to', () => {
    const clock = new SteadyTestClock();
    const growth = new JournalGrowth(clock);
    growth.next(100);
    clock.set({ days: -1 });
    expect(growth.next(120)).toBe(20);
    clock.set({ days: 2 });
    clock.advance({ minutes: 1 });
    expect(growth.next(125)).toBe(25);
  });

  it('is that to the newest reading of five minutes ago or before, else to the first', () => {
    const reading = fc.record({ step_ms: fc.integer({ min: 1, max: 400_000 }), writes: fc.nat({ max: 1000 }) });
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 40 }), (readings) => {
        const clock = new SteadyTestClock();
        const growth = new JournalGrowth(clock);
        const all: { at_ms: number; writes: number }[] = [];
        for (const { step_ms, writes } of readings) {
          clock.advance({ ms: step_ms });
          const at_ms = clock.steady_ms();
          all.push({ at_ms, writes });
          const base = all.findLast((each) => each.at_ms <= at_ms - 300_000) ?? all[0];
          expect(growth.next(writes)).toBe(writes - (base?.writes ?? 0));
        }
      }),
    );
  });
});
