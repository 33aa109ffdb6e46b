import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sparkBars } from './spark-bars.ts';

const SIZE = { width: 120, height: 24, slots: 4 };

describe('the bars of a sparkline', () => {
  it('are as high as their value is, the highest as high as the chart', () => {
    const [half, whole] = sparkBars([50, 100], SIZE);
    expect(half).toMatchObject({ y: 12, height: 12 });
    expect(whole).toMatchObject({ y: 0, height: 24 });
  });

  it('stand at the right while there are few', () => {
    const [only] = sparkBars([7], SIZE);
    expect(only?.x).toBeGreaterThan(90);
    expect((only?.x ?? 0) + (only?.width ?? 0)).toBeLessThan(120);
  });

  it('can be seen when there is nothing to measure', () => {
    for (const bar of sparkBars([0, null, 0], SIZE)) expect(bar.height).toBeGreaterThan(1);
  });

  it('are none without values', () => {
    expect(sparkBars([], SIZE)).toEqual([]);
  });

  it('never leave the chart, never touch, and are in order', () => {
    const value = fc.option(fc.integer({ min: 0, max: 1e9 }));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), fc.integer({ min: 0, max: 40 }), (values, slots) => {
        const bars = sparkBars(values, { width: 120, height: 24, slots });
        expect(bars).toHaveLength(values.length);
        for (const [index, bar] of bars.entries()) {
          const next = bars[index + 1];
          expect(bar.height).toBeGreaterThan(0);
          expect(bar.y).toBeGreaterThanOrEqual(0);
          expect(bar.y + bar.height).toBeCloseTo(24);
          expect(bar.x).toBeGreaterThanOrEqual(0);
          expect(bar.x + bar.width).toBeLessThanOrEqual(next?.x ?? 120);
        }
      }),
    );
  });

  it('have the order of their values', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 2, maxLength: 30 }), (values) => {
        const bars = sparkBars(values, SIZE);
        for (const [index, value] of values.entries()) {
          const other = values[index + 1];
          if (other !== undefined && value <= other) {
            expect(bars[index]?.height).toBeLessThanOrEqual(bars[index + 1]?.height ?? 0);
          }
        }
      }),
    );
  });
});
