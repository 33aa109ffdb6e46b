import { describe, expect, it } from 'vitest';
import { deadLetterFilter } from './dead-letters.ts';

describe('the filter of dead letters', () => {
  it.each([null, '', [], false, true, '60', 1.5, -1])('refuses %j as an age: it must not come to mean all', (age) => {
    expect(deadLetterFilter.safeParse({ older_than_seconds: age }).success).toBe(false);
    expect(deadLetterFilter.safeParse({ younger_than_seconds: age }).success).toBe(false);
  });
  it('takes whole seconds', () => {
    expect(deadLetterFilter.parse({ older_than_seconds: 0, younger_than_seconds: 60 })).toEqual({
      older_than_seconds: 0,
      younger_than_seconds: 60,
    });
  });
});
