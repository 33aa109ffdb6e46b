import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LiveMachine, type Look, type Step, step } from './alert-machine.ts';

const FOR_MS = 120_000;
const AFTER_MS = 90_000;
const NO_FAULT: readonly string[] = [];

const look = (holds: Look['holds'], given: Partial<Look> = {}): Look => ({
  holds,
  at_ms: 0,
  elapsed_ms: 60_000,
  for_ms: FOR_MS,
  resolve_after_ms: AFTER_MS,
  ...given,
});

function run(looks: readonly Look[]): Step['what'][] {
  let machine: LiveMachine | undefined;
  return looks.map((one) => {
    const next = step(machine, one);
    machine = next.machine?.state === 'resolved' ? undefined : next.machine;
    return next.what;
  });
}

describe('an alert', () => {
  it('fires once its condition has held for long enough, and is over once it has not', () => {
    const looks = [true, true, true, true, false, false, false].map((holds) => look(holds));
    expect(run(looks)).toEqual(['pending', null, 'fired', null, 'clearing', null, 'resolved']);
  });

  it('fires at once, and is over at once, where nothing has to last', () => {
    const at_once = { for_ms: 0, resolve_after_ms: 0 };
    expect(run([look(true, at_once), look(false, at_once)])).toEqual(['fired', 'resolved']);
  });

  it('leaves no trace when its condition did not last', () => {
    expect(run([look(true), look(true), look(false), look(false)])).toEqual(['pending', null, 'dropped', null]);
  });

  it('is the same when it holds again before it is over', () => {
    const looks = [true, false, true, false, true].map((holds) => look(holds, { for_ms: 0 }));
    expect(run(looks)).toEqual(['fired', 'clearing', 'fired_again', 'clearing', 'fired_again']);
  });

  it('counts nothing of a time in which its monitor told nothing', () => {
    const looks = [true, 'unknown', true, true, true] as const;
    expect(run(looks.map((holds) => look(holds)))).toEqual(['pending', null, null, null, 'fired']);
    const clears = [true, false, 'unknown', false, false, false] as const;
    expect(run(clears.map((holds) => look(holds, { for_ms: 0 })))).toEqual([
      'fired',
      'clearing',
      null,
      null,
      null,
      'resolved',
    ]);
  });

  it('is over with its rule', () => {
    expect(run([look(true, { for_ms: 0 }), look('over')])).toEqual(['fired', 'resolved']);
    expect(run([look(true), look('over')])).toEqual(['pending', 'dropped']);
    expect(run([look('over')])).toEqual([null]);
  });
});

/** What happens to a machine: rounds of any length, at any time of a clock that jumps, with limits that are changed. */
const looks = fc.array(
  fc.record({
    holds: fc.oneof(
      { weight: 5, arbitrary: fc.boolean() },
      { weight: 1, arbitrary: fc.constantFrom('unknown' as const, 'over' as const) },
    ),
    at_ms: fc.integer({ min: 0, max: 4e12 }),
    elapsed_ms: fc.integer({ min: -1000, max: 120_000 }),
    for_ms: fc.constantFrom(0, 60_000, FOR_MS),
    resolve_after_ms: fc.constantFrom(0, 60_000, AFTER_MS),
  }),
  { maxLength: 60 },
);

/** As a person would count it from the looks alone: what lasted up to now, with nothing unknown in it. */
function lasted(all: readonly Look[], upto: number, holds: boolean): number {
  let sum = 0;
  for (let index = upto; index >= 0; index -= 1) {
    const one = all[index];
    if (!one || one.holds === 'over' || one.holds === !holds) break;
    const before = all[index - 1];
    if (one.holds === holds && before?.holds === holds) sum += Math.max(0, one.elapsed_ms);
  }
  return sum;
}

describe('whatever happens', () => {
  it('every alert that fires is resolved once, and fires once before that', () => {
    fc.assert(
      fc.property(looks, (all) => {
        const ended = [...all, look('over')];
        const told = run(ended).filter((what) => what === 'fired' || what === 'resolved');
        expect(told.filter((_, index) => index % 2 === 0).every((what) => what === 'fired')).toBe(true);
        expect(told.filter((_, index) => index % 2 === 1).every((what) => what === 'resolved')).toBe(true);
        expect(told.length % 2).toBe(0);
      }),
    );
  });

  it('it fires only after it was seen to hold for long enough, and is over only after it was seen not to', () => {
    fc.assert(
      fc.property(looks, (all) => {
        const faults = run(all).flatMap((what, index) => {
          const one = all[index];
          if (!one) return [];
          if (what === 'fired' && lasted(all, index, true) < one.for_ms) return ['fired too early'];
          if (what === 'resolved' && one.holds !== 'over' && lasted(all, index, false) < one.resolve_after_ms) {
            return ['over too early'];
          }
          return [];
        });
        expect(faults).toEqual(NO_FAULT);
      }),
    );
  });

  it('it fires, and is over, as soon as it was seen to for long enough', () => {
    fc.assert(
      fc.property(looks, (all) => {
        let machine: LiveMachine | undefined;
        for (const [index, one] of all.entries()) {
          const next = step(machine, one);
          machine = next.machine?.state === 'resolved' ? undefined : next.machine;
          if (one.holds === true && lasted(all, index, true) >= one.for_ms) {
            expect(machine?.state).toBe('firing');
          }
          if (one.holds === false && lasted(all, index, false) >= one.resolve_after_ms) expect(machine).toBeUndefined();
        }
      }),
    );
  });

  it('a pending one never clears, one that fires never goes, and nothing ends before it began', () => {
    fc.assert(
      fc.property(looks, (all) => {
        let machine: LiveMachine | undefined;
        for (const one of all) {
          const before = machine?.state;
          const { what, machine: after } = step(machine, one);
          if (before === 'pending') expect(['pending', 'firing', undefined]).toContain(after?.state);
          if (before === 'firing' || before === 'clearing') expect(what).not.toBe('dropped');
          if (after?.state === 'resolved') expect(after.at_ms).toBeGreaterThanOrEqual(after.since_ms);
          machine = after?.state === 'resolved' ? undefined : after;
        }
      }),
    );
  });
});
