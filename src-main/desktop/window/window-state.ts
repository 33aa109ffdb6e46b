/** Where the window was, and whether it can be there again. */
import type { Display, Rectangle } from 'electron';
import { z } from 'zod';

export const MIN_SIZE = { width: 1024, height: 700 };
const DEFAULT_SIZE = { width: 1440, height: 900 };
/** So much of the title bar must be on a screen that it can be grabbed, in pixels. */
const GRIP = { width: 120, height: 32 };

export const windowState = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  maximized: z.boolean(),
});
export type WindowState = z.infer<typeof windowState>;

export type InitialBounds = Partial<Pick<Rectangle, 'x' | 'y'>> & Pick<Rectangle, 'width' | 'height'>;

/**
 * Bounds for a new window: those it had, if a screen still shows them, made to fit that screen; else the default size in
 * the middle of the main screen (no x and y).
 */
export function initialBounds(
  saved: WindowState | undefined,
  displays: readonly Pick<Display, 'workArea'>[],
  primary: Pick<Display, 'workArea'>,
): InitialBounds {
  const home = saved && displays.find(({ workArea }) => canBeGrabbed(saved, workArea));
  if (saved === undefined || home === undefined) return sizeWithin(saved ?? DEFAULT_SIZE, primary.workArea);
  const { workArea } = home;
  const size = sizeWithin(saved, workArea);
  return {
    ...size,
    x: between(saved.x, workArea.x - size.width + GRIP.width, workArea.x + workArea.width - GRIP.width),
    y: between(saved.y, workArea.y, workArea.y + workArea.height - GRIP.height),
  };
}

function canBeGrabbed(window: Rectangle, area: Rectangle): boolean {
  const across = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  const below = Math.min(window.y + GRIP.height, area.y + area.height) - Math.max(window.y, area.y);
  return across >= GRIP.width && below >= GRIP.height;
}

/** A screen smaller than the least size still gets a window no larger than itself. */
function sizeWithin(size: { width: number; height: number }, area: Rectangle): { width: number; height: number } {
  return {
    width: Math.min(Math.max(size.width, MIN_SIZE.width), area.width),
    height: Math.min(Math.max(size.height, MIN_SIZE.height), area.height),
  };
}

const between = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
