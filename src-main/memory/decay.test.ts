import { describe, expect, it } from 'vitest';
import { decayed } from './decay.ts';

const DAY_MS = 86_400_000;

describe('a decaying score', () => {
  it('halves every half-life', () => {
    expect(decayed(0.8, 0, 7 * DAY_MS, 7)).toBeCloseTo(0.4, 12);
    expect(decayed(0.8, 0, 21 * DAY_MS, 7)).toBeCloseTo(0.1, 12);
  });

  it('is whole at its own time and does not grow before it', () => {
    expect(decayed(0.8, 5000, 5000, 7)).toBe(0.8);
    expect(decayed(0.8, 5000, 0, 7)).toBe(0.8);
  });

  it('stays a number after ages', () => {
    expect(decayed(1, 0, Number.MAX_SAFE_INTEGER, 0.1)).toBeGreaterThanOrEqual(0);
  });
});
