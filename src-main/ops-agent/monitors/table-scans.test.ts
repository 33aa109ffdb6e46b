import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEAST_SCANS, type ScanCounts, TableScans } from './table-scans.ts';

const counts = (sequential_scans: number, index_scans: number, table = 'shelf'): ScanCounts => ({
  table,
  sequential_scans,
  index_scans,
});

describe('scans of tables', () => {
  it('are told of since the last look, not of all time', () => {
    const scans = new TableScans();
    expect(scans.next([counts(1_000_000, 0)])).toEqual(new Map());
    expect(scans.next([counts(1_000_005, 15)])).toEqual(new Map([['shelf', 25]]));
    expect(scans.next([counts(1_000_005, 115)])).toEqual(new Map([['shelf', 0]]));
  });

  it('are too few to tell of below ten', () => {
    const scans = new TableScans();
    scans.next([counts(0, 0)]);
    expect(scans.next([counts(LEAST_SCANS - 1, 0)])).toEqual(new Map());
    expect(scans.next([counts(2 * LEAST_SCANS - 1, 0)])).toEqual(new Map([['shelf', 100]]));
  });

  it('are not told of after the counts began again, nor of a table that is new', () => {
    const scans = new TableScans();
    scans.next([counts(500, 500)]);
    expect(scans.next([counts(20, 600), counts(50, 50, 'new')])).toEqual(new Map());
    expect(scans.next([counts(40, 620), counts(50, 70, 'new')])).toEqual(
      new Map([
        ['shelf', 50],
        ['new', 0],
      ]),
    );
  });

  it('are a part of the whole whatever is counted', () => {
    const look = fc.array(
      fc.record({
        table: fc.constantFrom('a', 'b', 'c'),
        sequential_scans: fc.nat({ max: 1000 }),
        index_scans: fc.nat({ max: 1000 }),
      }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(fc.array(look), (looks) => {
        const scans = new TableScans();
        for (const tables of looks) {
          for (const part of scans.next(tables).values()) {
            expect(part).toBeGreaterThanOrEqual(0);
            expect(part).toBeLessThanOrEqual(100);
          }
        }
      }),
    );
  });
});
