/** The figures of a report, and what they are compared with. */
import type { OpsReportFigure } from '../../../src-contract/index.ts';

export type FigureKey = OpsReportFigure['key'];
export type FigureValues = Record<FigureKey, number | null>;

type Definition = Pick<OpsReportFigure, 'title' | 'unit' | 'better'>;

const define = (title: string, unit: Definition['unit'], better: Definition['better']): Definition => ({
  title,
  unit,
  better,
});

/** In the order that a report shows them. */
export const FIGURES: Record<FigureKey, Definition> = {
  uptime_percent: define('Uptime', 'percent', 'up'),
  events_processed: define('Events written', 'count', 'neither'),
  requests: define('Requests', 'count', 'neither'),
  latency_mean_ms: define('Answers, on average', 'ms', 'down'),
  latency_p95_ms: define('Slow answers (p95)', 'ms', 'down'),
  error_percent: define('Failed requests', 'percent', 'down'),
  breaker_openings: define('Circuit breakers opened', 'count', 'down'),
  worker_runs: define('Runs of workers', 'count', 'neither'),
  worker_restarts: define('Restarts of workers', 'count', 'down'),
  worker_failures: define('Failures of workers', 'count', 'down'),
  memories_added: define('Memories added', 'count', 'neither'),
  memory_growth_percent: define('Growth of the memory', 'percent', 'neither'),
  dead_letters_added: define('Dead letters added', 'count', 'down'),
  alerts_fired: define('Alerts', 'count', 'down'),
  actions_taken: define('Actions of the agent', 'count', 'neither'),
  actions_helped: define('Actions that helped', 'count', 'up'),
  detect_to_heal_seconds: define('From detected to healed', 'seconds', 'down'),
};
export const FIGURE_KEYS = Object.keys(FIGURES) as FigureKey[];

/** These are of single calls: the week has a figure of all of its calls, never a mean of those of its days. */
export type CallFigures = Pick<FigureValues, 'latency_mean_ms' | 'latency_p95_ms'>;

/** @param days the days before, the last first; null where nothing is known of one */
export function figuresOf(
  values: FigureValues,
  days: readonly (Readonly<FigureValues> | null)[],
  week: CallFigures,
): OpsReportFigure[] {
  return FIGURE_KEYS.map((key) => ({
    key,
    ...FIGURES[key],
    value: values[key],
    day_before: days[0]?.[key] ?? null,
    week: key === 'latency_mean_ms' || key === 'latency_p95_ms' ? week[key] : meanOf(days.map((day) => day?.[key])),
  }));
}

function meanOf(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

/** Of a report that was made, as it told them. */
export function valuesOf(figures: readonly OpsReportFigure[]): FigureValues {
  const told = new Map(figures.map(({ key, value }) => [key, value]));
  return Object.fromEntries(FIGURE_KEYS.map((key) => [key, told.get(key) ?? null])) as FigureValues;
}
