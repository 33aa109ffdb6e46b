import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Breaker } from '../../../src-contract/index.ts';
import { SteadyTestClock } from '../../../tests/support/steady-test-clock.ts';
import { BreakerTimes } from './breaker-times.ts';

const AT = '2026-03-01T00:00:00.000Z';
const LONGEST_MS = 120_000;

type State = Breaker['state']['state'];

const breaker = (state: State, error: string): Pick<Breaker, 'name' | 'state'> => {
  const states: Record<State, Breaker['state']> = {
    closed: { state: 'closed', failures: 0 },
    open: { state: 'open', since: AT, until: AT, error },
    half_open: { state: 'half_open', since: AT },
    isolated: { state: 'isolated', since: AT, by: 'ana', reason: 'upkeep' },
  };
  return { name: 'redis', state: states[state] };
};

function start() {
  const clock = new SteadyTestClock(AT);
  const times = new BreakerTimes(clock, () => LONGEST_MS);
  const change = (to: State, error: string | null = null) => times.changed({ breaker: 'redis', to, error });
  const open = (state: State, error = 'refused') => times.look([breaker(state, error)]).get('redis');
  return { clock, times, change, open };
}

describe('for how long a breaker is open', () => {
  it('is counted through every trial that fails, with what it failed with last', () => {
    const { clock, change, open } = start();
    change('open', 'connection refused');
    for (let minute = 1; minute <= 10; minute += 1) {
      clock.advance({ minutes: 1 });
      change('half_open');
      expect(open('half_open')).toEqual({ open_ms: minute * 60_000, error: 'connection refused' });
      change('open', 'connection refused');
    }
    change('open', 'no answer');
    expect(open('open', 'no answer')).toEqual({ open_ms: 600_000, error: 'no answer' });
  });

  it('begins anew for one that closed between two looks', () => {
    const { clock, change, open } = start();
    change('open', 'refused');
    clock.advance({ minutes: 2 });
    expect(open('open')?.open_ms).toBe(120_000);
    clock.advance({ ms: 50_000 });
    change('closed');
    clock.advance({ ms: 5_000 });
    change('open', 'refused');
    clock.advance({ ms: 5_000 });
    expect(open('open')?.open_ms).toBe(5_000);
  });

  it('is nothing for one that is closed, or that a person isolated', () => {
    const { clock, change, open } = start();
    change('open', 'refused');
    clock.advance({ minutes: 1 });
    change('isolated');
    clock.advance({ minutes: 1 });
    expect(open('isolated')).toBeUndefined();
    expect(open('closed')).toBeUndefined();
  });

  it('begins with the first look at one that was open before anybody listened', () => {
    const { clock, open } = start();
    expect(open('open')).toEqual({ open_ms: 0, error: 'refused' });
    clock.advance({ ms: 30_000 });
    expect(open('open')?.open_ms).toBe(30_000);
  });

  it('forgets those that are told of no more', () => {
    const { clock, times, change, open } = start();
    change('open', 'refused');
    clock.advance({ minutes: 1 });
    expect(times.look([])).toEqual(new Map());
    expect(open('open')?.open_ms).toBe(0);
  });

  it('grows as time passes while somebody looks, whatever is done to the clock', () => {
    const step = fc.record({
      passed_ms: fc.nat({ max: 1e9 }),
      set_ms: fc.integer({ min: -1e9, max: 1e9 }),
      trial: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        const { clock, change, open } = start();
        change('open', 'refused');
        let before_ms = 0;
        for (const { passed_ms, set_ms, trial } of steps) {
          clock.advance({ ms: passed_ms });
          clock.set({ ms: set_ms });
          if (trial) {
            change('half_open');
            change('open', 'refused');
          }
          const { open_ms = -1 } = open('open') ?? {};
          expect(open_ms - before_ms).toBe(Math.min(LONGEST_MS, passed_ms));
          before_ms = open_ms;
        }
      }),
    );
  });
});
