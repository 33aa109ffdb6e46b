import { describe, expect, it } from 'vitest';
import { splitAt } from './split-at.ts';

describe('cutting a text around what is found', () => {
  it('gives every place without regard to case, and the text as it was', () => {
    expect(splitAt('One one, ONE.', 'one')).toEqual(['', 'One', ' ', 'one', ', ', 'ONE', '.']);
    expect(splitAt('nothing here', 'one')).toEqual(['nothing here']);
  });

  it('finds the right places behind letters whose lower case is longer', () => {
    expect(splitAt('İİ needle İ NEEDLE', 'needle')).toEqual(['İİ ', 'needle', ' İ ', 'NEEDLE', '']);
    expect(splitAt('İ a-b.c/d(e)[x]{1}|^$*+?\\ end', 'A-B.c/d(e)[x]{1}|^$*+?\\')[1]).toBe('a-b.c/d(e)[x]{1}|^$*+?\\');
  });

  it('marks no more than can be drawn', () => {
    const parts = splitAt('ab'.repeat(5000), 'a');
    expect(parts.length).toBeLessThanOrEqual(1001);
    expect(parts.join('')).toBe('ab'.repeat(5000));
  });
});
