import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptPlace, placeIn } from './row-place.ts';

const ROW = 10;
const rows = (text: string) => [...text].map((id) => ({ id }));

describe('the place in a list that changes', () => {
  it('stays with the row in sight when others come or go above it', () => {
    expect(keptPlace(rows('abcdef'), rows('xyabcdef'), 25, ROW)).toEqual({ top_px: 45, came: ['x', 'y'], gone: [] });
    expect(keptPlace(rows('abcdef'), rows('bcdef'), 25, ROW)).toEqual({ top_px: 15, came: [], gone: ['a'] });
    expect(keptPlace(rows('abcdef'), rows('abxcdef'), 25, ROW)).toEqual({ top_px: 35, came: ['x'], gone: [] });
  });

  it('does not care for what happens below', () => {
    expect(keptPlace(rows('abcdef'), rows('abcdxf'), 25, ROW)).toEqual({ top_px: 25, came: [], gone: ['e'] });
    expect(keptPlace(rows('abc'), rows('abcdef'), 25, ROW)).toEqual({ top_px: 25, came: [], gone: [] });
  });

  it('goes on with the next row when the one in sight is gone', () => {
    expect(keptPlace(rows('abcdef'), rows('xabef'), 25, ROW)).toEqual({ top_px: 35, came: ['x'], gone: ['c', 'd'] });
    expect(keptPlace(rows('abc'), rows('a'), 15, ROW).top_px).toBe(15);
    expect(keptPlace(rows('abc'), [], 15, ROW)).toEqual({ top_px: 5, came: [], gone: ['a', 'b', 'c'] });
  });

  it('does not go along with a row that moved to another place', () => {
    const list = Array.from({ length: 900 }, (_, n) => `m${n}`);
    const moved = (to: number) => {
      const others = list.filter((id) => id !== 'm300');
      return others.toSpliced(to, 0, 'm300').map((id) => ({ id }));
    };
    const before = list.map((id) => ({ id }));
    const rowAtTop = (to: number) => {
      const after = moved(to);
      return after[keptPlace(before, after, 3000, ROW).top_px / ROW]?.id;
    };
    for (const to of [0, 5, 290, 310, 600, 899]) expect(rowAtTop(to)).toBe('m301');
  });

  it('finds a row again, and takes the one in its place when it is gone', () => {
    expect(placeIn(rows('abcdef'), { id: 'c', index: 2 })).toBe(2);
    expect(placeIn(rows('xabcdef'), { id: 'c', index: 2 })).toBe(3);
    expect(placeIn(rows('abdef'), { id: 'c', index: 2 })).toBe(2);
    expect(placeIn(rows('ab'), { id: 'c', index: 2 })).toBe(1);
    expect(placeIn([], { id: 'c', index: 2 })).toBe(0);
  });

  it('leaves every row that stays in order where it was, whatever changed', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(ids, ids, fc.nat(299), (some, others, top) => {
        const [before, after] = [some, others].map((list) =>
          list.toSorted((a, b) => a - b).map((id) => ({ id: `${id}` })),
        );
        if (before === undefined || after === undefined) return;
        const top_px = Math.min(top, before.length * ROW - 1);
        const kept = keptPlace(before, after, top_px, ROW);
        const shared = before.slice(Math.floor(top_px / ROW)).find(({ id }) => after.some((row) => row.id === id));
        const offset = top_px % ROW;
        if (shared !== undefined) expect(after[Math.floor(kept.top_px / ROW)]?.id).toBe(shared.id);
        expect(((kept.top_px % ROW) + ROW) % ROW).toBe(offset);
        const above = after.slice(0, Math.max(0, Math.floor(kept.top_px / ROW))).map(({ id }) => id);
        expect(kept.came).toEqual(above.filter((id) => !before.some((row) => row.id === id)));
        expect(kept.gone).toEqual(before.map(({ id }) => id).filter((id) => !after.some((row) => row.id === id)));
      }),
    );
  });
});
