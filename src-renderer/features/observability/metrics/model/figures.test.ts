import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { METRIC_UNITS } from '../../../../../src-contract/metrics.ts';
import { figure, tickSteps } from './figures.ts';

describe('figures', () => {
  it.each([
    ['seconds', 0, '0 s'],
    ['seconds', 0.0001, '0.1 ms'],
    ['seconds', 0.0123, '12.3 ms'],
    ['seconds', 0.34, '340 ms'],
    ['seconds', 0.9996, '1 s'],
    ['seconds', 1.254, '1.25 s'],
    ['seconds', 184, '3 min 4 s'],
    ['per_minute', 594, '594/min'],
    ['per_minute', 12_345.6, '12,346/min'],
    ['per_minute', 0.25, '0.25/min'],
    ['ratio', 0.9731, '97.3 %'],
    ['ratio', 1, '100 %'],
    ['bytes', 1_234_567, '1.2 MB'],
    ['count', 3, '3'],
    ['tokens', 7_812.4, '7,812'],
  ] as const)('%s: %d reads %s', (unit, value, words) => {
    expect(figure(unit, value)).toBe(words);
  });

  it('never lose their size, and never show more than can be read', () => {
    fc.assert(
      fc.property(fc.constantFrom(...METRIC_UNITS), fc.double({ min: 0, max: 1e12, noNaN: true }), (unit, value) => {
        expect(figure(unit, value)).toMatch(/^[\d.,e+-]+( ?[a-zA-Z%/]+)?( \d+ [a-z]+)?$/);
        expect(figure(unit, value).length).toBeLessThan(24);
      }),
    );
  });
});

describe('distances between lines of the scale', () => {
  it.each(METRIC_UNITS)('of %s rise, so that one fits every height', (unit) => {
    const steps = tickSteps(unit);
    expect(steps).toEqual([...new Set(steps)].sort((one, other) => one - other));
    expect(steps.every((step) => step > 0)).toBe(true);
  });

  it('of what is counted are whole', () => {
    expect(tickSteps('count').every(Number.isInteger)).toBe(true);
  });
});
