/** When the disk will be full, if it goes on as in the last days. */
import { type Advisor, byLabel, type Found, facts, percent, type Sample, samples } from './advisor.ts';

const DAY_MS = 86_400_000;
/** Less says too little of how it grows. */
const SHORTEST_MS = 12 * 3_600_000;
const FEWEST = 6;
const SOON_DAYS = 30;

export const diskForecast: Advisor = {
  name: 'disk-forecast',
  of: 'operator',
  look: (about) => {
    const seen = byLabel(samples(about, 'disk_percent', { hours: 7 * 24, step_minutes: 180 }), 'node');
    return [...seen].flatMap(([node, values]) => disksThatFill(node, values, about.node));
  },
};

export function disksThatFill(node: string, values: readonly Sample[], own: string): Found[] {
  const [first] = values;
  const last = values.at(-1);
  if (!first || !last || values.length < FEWEST || last.at_ms - first.at_ms < SHORTEST_MS) return [];
  const per_day = slopePerDay(values);
  const days = (100 - last.value) / per_day;
  if (!(per_day > 0) || days > SOON_DAYS) return [];
  return [
    {
      id: `disk-forecast:${node}`,
      title: `The disk of ${node} is full in ${Math.max(0, Math.floor(days))} days`,
      detail:
        'If it goes on as in the last days. Give it more room, or keep less: shorter retention in the settings of workers, events and backups.',
      impact: days < 7 ? 'high' : 'medium',
      evidence: facts({
        'In use': percent(last.value),
        'Grows by': `${percent(per_day)} of the disk a day`,
        'Looked at': `${Math.round((10 * (last.at_ms - first.at_ms)) / DAY_MS) / 10} days`,
      }),
      statement: null,
      apply: node === own ? { remediator: 'cleanup-run', target: { node } } : null,
    },
  ];
}

/** Of the line that fits best (least squares), so that one file that came and went does not count much. */
export function slopePerDay(values: readonly Sample[]): number {
  const origin = values[0]?.at_ms ?? 0;
  const points = values.map(({ at_ms, value }) => ({ day: (at_ms - origin) / DAY_MS, value }));
  const mean = (of: (point: { day: number; value: number }) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / Math.max(1, points.length);
  const day = mean((point) => point.day);
  const value = mean((point) => point.value);
  const spread = mean((point) => (point.day - day) ** 2);
  return spread === 0 ? 0 : mean((point) => (point.day - day) * (point.value - value)) / spread;
}
