import { describe, expect, it } from 'vitest';
import { KEPT, linePoints, type RateHistory, withRates } from './rate-history.ts';

const rate = (name: string, delivered_per_minute: number) => ({ name, delivered_per_minute });

describe('figures of the last looks', () => {
  it('keeps so many of each, and none of those that are gone', () => {
    let history: RateHistory = new Map();
    for (let look = 0; look < KEPT + 5; look += 1) history = withRates(history, [rate('a', look), rate('b', 1)]);
    expect(history.get('a')).toHaveLength(KEPT);
    expect(history.get('a')?.at(-1)).toBe(KEPT + 4);
    expect([...withRates(history, [rate('a', 0)]).keys()]).toEqual(['a']);
  });

  it('draws them with the newest at the right, and nothing on the ground', () => {
    expect(linePoints([0, 5, 10], 59, 10)).toBe('57.0,10.0 58.0,5.0 59.0,0.0');
    expect(linePoints([0], 59, 10)).toBe('59.0,10.0');
  });
});
