/** When the disk will be full, if it goes on as in the last days. */
import { hostOf } from '../../agent/node-name.ts';
import { type Advisor, type Found, facts, percent, type Sample, samples } from './advisor.ts';

const DAY_MS = 86_400_000;
/** Less says too little of how it grows. */
const SHORTEST_MS = 12 * 3_600_000;
const FEWEST = 6;
const SOON_DAYS = 30;
const STEP_MINUTES = 180;
/** What was told longer ago may be of a computer that is gone. */
const STALE_MS = 3 * STEP_MINUTES * 60_000;

export const diskForecast: Advisor = {
  name: 'disk-forecast',
  of: 'operator',
  look: (about) => {
    const seen = samples(about, 'disk_percent', { hours: 7 * 24, step_minutes: STEP_MINUTES });
    const { node, clock } = about;
    return [...fullestByHost(seen)].flatMap(([host, values]) =>
      disksThatFill(host, values, { node, now_ms: clock.now() }),
    );
  },
};

/** Processes come and go, their disk stays: of those of a computer the fullest disk at each time. */
export function fullestByHost(seen: readonly Sample[]): Map<string, Sample[]> {
  const hosts = new Map<string, Map<number, Sample>>();
  for (const sample of seen) {
    const host = hostOf(sample.labels.node ?? '');
    const times = hosts.get(host) ?? new Map<number, Sample>();
    hosts.set(host, times);
    if (sample.value >= (times.get(sample.at_ms)?.value ?? 0)) times.set(sample.at_ms, sample);
  }
  return new Map([...hosts].map(([host, times]) => [host, [...times.values()]]));
}

export function disksThatFill(
  host: string,
  values: readonly Sample[],
  { node, now_ms }: { node: string; now_ms: number },
): Found[] {
  const [first] = values;
  const last = values.at(-1);
  if (!first || !last || values.length < FEWEST || last.at_ms - first.at_ms < SHORTEST_MS) return [];
  if (now_ms - last.at_ms > STALE_MS) return [];
  const per_day = slopePerDay(values);
  const days = (100 - last.value) / per_day;
  if (!(per_day > 0) || days > SOON_DAYS) return [];
  return [
    {
      id: `disk-forecast:${host}`,
      title: `The disk of ${host} is full in ${Math.max(0, Math.floor(days))} days`,
      detail:
        'If it goes on as in the last days. Give it more room, or keep less: shorter retention in the settings of workers, events and backups.',
      impact: days < 7 ? 'high' : 'medium',
      evidence: facts({
        'In use': percent(last.value),
        'Grows by': `${percent(per_day)} of the disk a day`,
        'Looked at': `${Math.round((10 * (last.at_ms - first.at_ms)) / DAY_MS) / 10} days`,
      }),
      statement: null,
      apply: hostOf(node) === host ? { remediator: 'cleanup-run', target: { node } } : null,
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
