/** Where the bars of a sparkline stand. Pure, so that it can be tried without a page. */

export interface SparkBar {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** So high that a bar of next to nothing can still be seen, as a part of the whole. */
const LEAST = 0.12;
/** Between two bars, as a part of the place of one. */
const GAP = 0.3;

/**
 * Bars from left to right, the highest as high as the chart. Fewer than `slots` stand at the right, so that the newest is
 * always at the same place and a bar is never wider because there are few.
 *
 * @param values in any unit, none below 0; null for one that has no value, which is drawn as low as can be
 */
export function sparkBars(
  values: readonly (number | null)[],
  { width, height, slots }: { width: number; height: number; slots: number },
): SparkBar[] {
  const places = Math.max(1, slots, values.length);
  const step = width / places;
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  const first = places - values.length;
  return values.map((value, index) => {
    const part = most === 0 ? 0 : (value ?? 0) / most;
    const own = height * Math.max(LEAST, part);
    return { x: (first + index) * step + (step * GAP) / 2, y: height - own, width: step * (1 - GAP), height: own };
  });
}
