import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { boundedList } from './bounded-list.ts';

describe('lists', () => {
  it('are what their items become', () => {
    const trimmed = boundedList(z.string().trim(), 3).min(1);
    expect(trimmed.parse([' a', 'b '])).toEqual(['a', 'b']);
    expect(trimmed.safeParse([]).error?.issues).toHaveLength(1);
    expect(trimmed.safeParse('a').error?.issues).toMatchObject([{ code: 'invalid_type', path: [] }]);
  });

  it('are refused for their length before an item is looked at', () => {
    let looked = 0;
    const counting = z.unknown().refine(() => {
      looked += 1;
      return false;
    });
    const { error } = boundedList(counting, 3).min(1).optional().describe('x').safeParse([1, 2, 3, 4]);
    expect(error?.issues).toMatchObject([{ code: 'too_big', maximum: 3, path: [] }]);
    expect(looked).toBe(0);
  });

  it('are refused after the first faults, also within one another', () => {
    const list = boundedList(z.strictObject({ tags: boundedList(z.string().min(1), 10_000) }), 500);
    // An empty text does not keep zod from going on, unlike a number.
    for (const wrong of ['', 0]) {
      const tags = Array.from({ length: 10_000 }, () => wrong);
      const { error } = list.safeParse(Array.from({ length: 500 }, () => ({ tags })));
      expect(error?.issues.length).toBeGreaterThanOrEqual(20);
      expect(error?.issues.length).toBeLessThanOrEqual(40);
      expect(error?.issues[0]?.path).toEqual([0, 'tags', 0]);
    }
  });

  it('say their limits in a JSON schema', () => {
    expect(z.toJSONSchema(boundedList(z.string(), 7).min(2))).toMatchObject({
      type: 'array',
      items: { type: 'string' },
      minItems: 2,
      maxItems: 7,
    });
  });
});
