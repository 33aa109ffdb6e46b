import { describe, expect, it } from 'vitest';
import { firstSentences } from './sentences.ts';

describe('the beginning of a text', () => {
  it('ends with its last complete sentence', () => {
    expect(firstSentences('One is here. Two is here. Three is cu')).toBe('One is here. Two is here.');
    expect(firstSentences('Is it? “Yes!” he said, and th')).toBe('Is it? “Yes!” he said, and');
  });

  it('ends with its last line where there are no sentences', () => {
    expect(firstSentences('first line\nsecond line\nthi')).toBe('first line\nsecond line');
  });

  it('is kept whole where it has no break', () => {
    expect(firstSentences('a'.repeat(100))).toBe('a'.repeat(100));
  });

  it('does not end in half a character', () => {
    expect(firstSentences('😀😀😀'.slice(0, 5)).isWellFormed()).toBe(true);
  });
});
