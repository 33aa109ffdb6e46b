import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptPlace } from './list-place.ts';

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
