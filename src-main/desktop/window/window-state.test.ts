import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialBounds, type WindowState } from './window-state.ts';

const laptop = { workArea: { x: 0, y: 25, width: 1440, height: 875 } };
const wide = { workArea: { x: 1440, y: 0, width: 2560, height: 1400 } };
const saved: WindowState = { x: 1500, y: 40, width: 1300, height: 900, maximized: false };

describe('where a new window is put', () => {
  it('is the middle of the main screen, at the default size, the first time', () => {
    expect(initialBounds(undefined, [wide], wide)).toEqual({ width: 1440, height: 900 });
  });

  it('is where it was', () => {
    expect(initialBounds(saved, [laptop, wide], laptop)).toEqual({ x: 1500, y: 40, width: 1300, height: 900 });
  });

  it('is the main screen when the screen it was on is gone', () => {
    expect(initialBounds(saved, [laptop], laptop)).toEqual({ width: 1300, height: 875 });
  });

  it('is within reach of the pointer and never larger than the screen', () => {
    const area = fc.record({
      x: fc.integer({ min: -4000, max: 4000 }),
      y: fc.integer({ min: -4000, max: 4000 }),
      width: fc.integer({ min: 800, max: 4000 }),
      height: fc.integer({ min: 600, max: 2500 }),
    });
    const size = { width: fc.integer({ min: 1, max: 9000 }), height: fc.integer({ min: 1, max: 9000 }) };
    const at = { x: fc.integer({ min: -9000, max: 9000 }), y: fc.integer({ min: -9000, max: 9000 }) };
    const state = fc.record({ ...at, ...size, maximized: fc.boolean() });
    fc.assert(
      fc.property(state, fc.array(area, { minLength: 1, maxLength: 3 }), (window, areas) => {
        const displays = areas.map((workArea) => ({ workArea }));
        const [primary = laptop] = displays;
        const bounds = initialBounds(window, displays, primary);
        const { x, y } = bounds;
        if (x === undefined || y === undefined) {
          expect(bounds.width).toBeLessThanOrEqual(primary.workArea.width);
          return;
        }
        const home = areas.find(
          (screen) =>
            bounds.width <= screen.width &&
            bounds.height <= screen.height &&
            Math.min(x + bounds.width, screen.x + screen.width) - Math.max(x, screen.x) >= 120 &&
            y >= screen.y &&
            y + 32 <= screen.y + screen.height,
        );
        expect(home).toBeDefined();
      }),
    );
  });
});
