import { describe, expect, it } from 'vitest';
import type { ReplayRun } from '../../../../src-contract/index.ts';
import { AGES, ageNameOf, runningFirst, shareOf, span, took } from './letter-words.ts';

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

describe('replays of many', () => {
  it('stand with those first that can be cancelled', () => {
    const run = (id: string, waiting: number): ReplayRun => ({
      id,
      actor: 'ada',
      requested_at: '2026-03-01T12:00:00.000Z',
      per_second: 10,
      total: 5,
      waiting,
      resolved: 5 - waiting,
      failed: 0,
      cancelled: 0,
      not_taken: 0,
    });
    const runs = [run('d', 0), run('c', 0), run('b', 2), run('a', 1)];
    expect(runningFirst(runs).map(({ id }) => id)).toEqual(['b', 'a', 'd', 'c']);
  });
});
