import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duration, longDuration } from './duration.ts';

describe('a duration', () => {
  it.each([
    [0, '0 ms'],
    [85.4, '85 ms'],
    [1000, '1.0 s'],
    [1290, '1.2 s'],
    [9999, '9.9 s'],
    [12_900, '12 s'],
    [184_000, '3 min 4 s'],
    [7_200_000, '2 h'],
    [7_201_000, '2 h'],
    [273_600_000, '3 d 4 h'],
  ])('of %d ms is %s', (ms, words) => {
    expect(duration(ms)).toBe(words);
  });

  it('that counts down ends at nothing, never below', () => {
    expect(longDuration(999)).toBe('0 s');
    expect(longDuration(-5000)).toBe('0 s');
  });

  it('never says more than there is', () => {
    const seconds = { d: 86_400, h: 3600, min: 60, s: 1 };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e10 }), (ms) => {
        const parts = longDuration(ms).matchAll(/(\d+) (d|h|min|s)/g);
        const said = [...parts].reduce((sum, [, count, unit]) => sum + Number(count) * seconds[unit as 'd'], 0);
        expect(said * 1000).toBeLessThanOrEqual(ms);
        // What is left out is less than the smaller of the two units.
        expect(said * 1000).toBeGreaterThan(ms - (ms < 3_600_000 ? 1000 : ms < 86_400_000 ? 60_000 : 3_600_000));
      }),
    );
  });
});
