/** What the options of `archon ops` take. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpsRule } from '../../src-contract/index.ts';
import { knownStates } from './commands/ops-group.ts';
import { duration } from './durations.ts';
import { checkMatchers, matcher } from './ops-matchers.ts';

describe('a time on the command line', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    [' 1d ', 86_400_000],
    ['365d', 365 * 86_400_000],
  ])('%s', (text, ms) => {
    expect(duration(text)).toBe(ms);
  });

  it.each(['', '2', 'h', '0h', '-1h', '1.5h', '2 h', '366d', '999999d', '2w'])('%j is none', (text) => {
    expect(() => duration(text)).toThrow('such as 30m, 2h or 1d');
  });

  it('is a time or refused, whatever is written', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(duration(text)).toBeGreaterThan(0);
        } catch (error) {
          expect(String(error)).toContain('such as 30m');
        }
      }),
    );
  });
});

describe('what a silence is for', () => {
  const rules = [{ id: 'dead-letters' }, { id: 'disk-full' }] as OpsRule[];

  it('is put together of all that are given', () => {
    expect(matcher('worker=clean*', matcher('rule=dead-letters', undefined))).toEqual([
      { label: 'rule', value: 'dead-letters' },
      { label: 'worker', value: 'clean*' },
    ]);
    expect(matcher('table=a=b', undefined)).toEqual([{ label: 'table', value: 'a=b' }]);
  });

  it.each(['', 'rule', '=x', 'rule=', 'my rule=x'])('%j is refused', (text) => {
    expect(() => matcher(text, undefined)).toThrow('such as rule=dead-letters');
  });

  it('is refused where it would keep nothing quiet, with what was meant', () => {
    const check = (label: string, value: string) => () => checkMatchers([{ label, value }], rules);
    expect(check('rule', 'dead-leters')).toThrow('Is it dead-letters? There are: dead-letters, disk-full.');
    expect(check('rule', 'x')).toThrow('There is no rule x. There are: dead-letters, disk-full.');
    expect(check('severity', 'hihg')).toThrow('Is it high?');
    expect(check('rule', 'dead-letters')).not.toThrow();
    expect(check('rule', 'dead*')).not.toThrow();
    expect(check('worker', 'anything')).not.toThrow();
  });
});

describe('states', () => {
  it('are refused when there are none such', () => {
    expect(knownStates(['firing'], ['firing', 'pending'])).toEqual(['firing']);
    expect(() => knownStates(['fire'], ['firing', 'pending'])).toThrow(
      'There is no state fire. There are: firing, pending.',
    );
  });
});
