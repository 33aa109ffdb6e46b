/** Figures as they were at the last looks, by name; of those that are gone nothing is kept. */

/** Two minutes at a look every two seconds. */
export const KEPT = 60;

export type RateHistory = ReadonlyMap<string, readonly number[]>;

export function withRates(
  history: RateHistory,
  now: readonly { name: string; delivered_per_minute: number }[],
): RateHistory {
  return new Map(
    now.map(({ name, delivered_per_minute }) => [
      name,
      [...(history.get(name) ?? []), delivered_per_minute].slice(-KEPT),
    ]),
  );
}

/** Points of a line in a box of this size: the newest at the right, however few there are. */
export function linePoints(rates: readonly number[], width: number, height: number): string {
  const most = Math.max(1, ...rates);
  const step = width / (KEPT - 1);
  return rates
    .map((rate, index) => {
      const x = width - (rates.length - 1 - index) * step;
      return `${x.toFixed(1)},${(height - (rate / most) * height).toFixed(1)}`;
    })
    .join(' ');
}
