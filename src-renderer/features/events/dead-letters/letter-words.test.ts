import { describe, expect, it } from 'vitest';
import { AGES, ageNameOf, shareOf, span, took } from './letter-words.ts';

describe('words about dead letters', () => {
  it.each([
    [0.2, '1 s'],
    [90, '90 s'],
    [1000, '17 min'],
    [9000, '2.5 h'],
    [10 * 86_400, '10 days'],
  ])('%s seconds are %s', (seconds, words) => expect(span(seconds)).toBe(words));

  it('tells how long an attempt took', () => {
    expect([took(12), took(1250)]).toEqual(['12 ms', '1.3 s']);
  });

  it('finds the name of an age, and none for one of the URL alone', () => {
    expect(ageNameOf({})).toBe('any');
    expect(ageNameOf({ older: AGES['over-day'].older })).toBe('over-day');
    expect(ageNameOf({ older: 17 })).toBeUndefined();
  });

  it('counts what is over of a replay of many', () => {
    const run = { id: '', actor: '', requested_at: '', per_second: 1, not_taken: 0 };
    expect(shareOf({ ...run, total: 10, waiting: 4, resolved: 3, failed: 2, cancelled: 1 })).toBe(0.6);
    expect(shareOf({ ...run, total: 0, waiting: 0, resolved: 0, failed: 0, cancelled: 0 })).toBe(1);
  });
});
