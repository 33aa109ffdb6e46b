import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillTimes, parseTime } from './message-times.ts';

describe('times in exports', () => {
  it.each<[unknown, string | null]>([
    [1_699_564_800.25, '2023-11-09T21:20:00.250Z'],
    [1_699_564_800_250, '2023-11-09T21:20:00.250Z'],
    ['2023-11-09T22:20:00.250+01:00', '2023-11-09T21:20:00.250Z'],
    ['2023-11-09T21:20:00.250123Z', '2023-11-09T21:20:00.250Z'],
    ['2023-11-09 21:20:00', '2023-11-09T21:20:00.000Z'],
    ['2023-11-09', '2023-11-09T00:00:00.000Z'],
    ['yesterday', null],
    ['1', null],
    [0, null],
    [-5, null],
    [12, null],
    ['1999-12-31T23:59:59Z', null],
    [Number.NaN, null],
    [null, null],
    [{ seconds: 1 }, null],
  ])('%j is %s', (value, expected) => {
    const ms = parseTime(value);
    expect(ms === null ? null : new Date(ms).toISOString()).toBe(expected);
  });
});

describe('times for messages that have none', () => {
  it('lie between their neighbours', () => {
    expect(fillTimes([1000, null, null, null, 5000], 0, 9999)).toEqual([1000, 2000, 3000, 4000, 5000]);
  });

  it('go back from the first known and on from the last, a millisecond each', () => {
    expect(fillTimes([null, null, 1000, null, null], 5, 9999)).toEqual([998, 999, 1000, 1001, 1002]);
  });

  it('begin at the conversation when none is known', () => {
    expect(fillTimes([null, null, null], 700, 9999)).toEqual([700, 701, 702]);
  });

  it('never lie in the future, and are as many as the messages', () => {
    const times = fc.array(fc.option(fc.integer({ min: 1, max: 20_000 })));
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 20_000 }), (given, now) => {
        const filled = fillTimes(given, 500, now);
        expect(filled).toHaveLength(given.length);
        expect(filled.every((ms) => ms <= now)).toBe(true);
      }),
    );
  });

  it('keep the order of messages whose known times are in order', () => {
    const ascending = fc.array(fc.option(fc.integer({ min: 10_000, max: 20_000 }))).map((given) => {
      const known = given.filter((ms) => ms !== null).sort((a, b) => a - b);
      return given.map((ms) => (ms === null ? null : (known.shift() ?? null)));
    });
    fc.assert(
      fc.property(ascending, (given) => {
        const filled = fillTimes(given, 1000, 10 ** 9);
        expect(filled).toEqual([...filled].sort((a, b) => a - b));
      }),
      { numRuns: 1000 },
    );
  });
});
