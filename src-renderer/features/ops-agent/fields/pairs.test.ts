import { describe, expect, it } from 'vitest';
import {
  LABEL_NAMES,
  labelsOfPairs,
  matchersOfPairs,
  matcherWords,
  newPair,
  pairsFault,
  pairsOfLabels,
  pairsOfMatchers,
} from './pairs.ts';

describe('labels as they are written', () => {
  it('are what they were made of, without rows that say nothing', () => {
    const labels = { component: 'database', node: 'ada' };
    expect(labelsOfPairs([...pairsOfLabels(labels), newPair()])).toEqual(labels);
    const matchers = [{ label: 'component', value: 'data*' }];
    expect(matchersOfPairs([newPair(' ', ''), ...pairsOfMatchers(matchers)])).toEqual(matchers);
  });

  it('are right only when each value has a name, and no label two values', () => {
    expect(pairsFault([newPair('', 'x')], false)).toContain('needs the name');
    expect(pairsFault([newPair('a'.repeat(41), 'x')], false)).toContain('40 characters');
    const twice = [newPair('node', 'a'), newPair('node', 'b')];
    expect(pairsFault(twice, true)).toContain('twice');
    expect(pairsFault(twice, false)).toBeUndefined();
    expect(pairsFault([newPair()], true)).toBeUndefined();
  });

  it('are told in words', () => {
    expect(matcherWords([])).toBe('every alert');
    const matchers = [
      { label: 'severity', value: 'critical' },
      { label: 'component', value: 'data*' },
      { label: 'node', value: '*' },
      { label: 'table', value: '' },
    ];
    expect(matcherWords(matchers)).toBe(
      'severity is critical and component begins with data and node is anything and table is empty',
    );
  });

  it('have the names that signals give them', () => {
    expect(LABEL_NAMES).toEqual(expect.arrayContaining(['component', 'node', 'breaker', 'worker', 'subscriber']));
    expect(new Set(LABEL_NAMES).size).toBe(LABEL_NAMES.length);
  });
});
