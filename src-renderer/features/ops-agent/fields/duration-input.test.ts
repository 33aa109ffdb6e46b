import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberOf, secondsOf, spanInput } from './duration-input.ts';

describe('a time span as it is typed', () => {
  it.each([
    [0, { count: '0', unit: 'seconds' }],
    [45, { count: '45', unit: 'seconds' }],
    [90, { count: '90', unit: 'seconds' }],
    [120, { count: '2', unit: 'minutes' }],
    [7200, { count: '2', unit: 'hours' }],
    [172_800, { count: '2', unit: 'days' }],
  ] as const)('%d seconds are shown in the largest unit that holds them whole', (seconds, input) => {
    expect(spanInput(seconds)).toEqual(input);
  });

  it('means what it was made of', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), (seconds) => {
        expect(secondsOf(spanInput(seconds))).toBe(seconds);
      }),
    );
  });

  it.each(['', 'soon', '5 min', '1e400', '--2', '0x10'])('“%s” is no number', (typed) => {
    expect(numberOf(typed)).toBeNaN();
  });

  it.each([
    [' 5 ', 5],
    ['2,5', 2.5],
    ['-3', -3],
    ['.5', 0.5],
    ['1e3', 1000],
  ])('“%s” is %d', (typed, value) => {
    expect(numberOf(typed)).toBe(value);
  });
});
