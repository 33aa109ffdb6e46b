import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textDiff } from './text-diff.ts';

const side = (parts: ReturnType<typeof textDiff>['parts'], kind: 'added' | 'removed') =>
  parts
    .filter((part) => part.kind === 'same' || part.kind === kind)
    .map(({ text }) => text)
    .join('');

describe('the difference of two texts', () => {
  it('names the words that changed', () => {
    const { parts } = textDiff('Deploys are allowed on Friday.', 'Deploys are allowed on Monday.');
    expect(parts.filter(({ kind }) => kind !== 'same').map(({ text }) => text)).toEqual(['Friday', 'Monday']);
  });

  it('always holds both texts whole', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const { parts } = textDiff(before, after);
        expect(side(parts, 'removed')).toBe(before);
        expect(side(parts, 'added')).toBe(after);
      }),
    );
  });

  it('says when it compared only the beginnings', () => {
    expect(textDiff('a'.repeat(9000), 'b').isCut).toBe(true);
  });
});
