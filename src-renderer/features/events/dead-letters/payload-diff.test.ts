import { describe, expect, it } from 'vitest';
import { payloadDiff } from './payload-diff.ts';

describe('what was changed in a payload', () => {
  it('is told by lines, with what stands around them', () => {
    const before = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`k${String(index).padStart(2, '0')}`, 0]),
    );
    const diff = payloadDiff(before, { ...before, k10: 1 });
    expect(diff.filter(({ kind }) => kind === 'removed')).toEqual([{ kind: 'removed', text: '  "k10": 0,' }]);
    expect(diff.filter(({ kind }) => kind === 'added')).toEqual([{ kind: 'added', text: '  "k10": 1,' }]);
    expect(diff[0]).toEqual({ kind: 'skipped', count: 8 });
    expect(diff.at(-1)).toEqual({ kind: 'skipped', count: 7 });
    expect(diff.filter(({ kind }) => kind === 'same')).toHaveLength(6);
  });

  it('is nothing when only the order of members is another', () => {
    expect(payloadDiff({ a: 1, b: { c: 2, d: [1, 2] } }, { b: { d: [1, 2], c: 2 }, a: 1 })).toEqual([]);
  });

  it('tells the order of lists', () => {
    expect(payloadDiff({ a: [1, 2] }, { a: [2, 1] })).not.toEqual([]);
  });
});
