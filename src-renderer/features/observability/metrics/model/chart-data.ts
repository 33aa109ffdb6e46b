/** Figures as the engine tells them, sorted into charts; what is missing in them, and why. */
import type { MetricHistory } from '../../../../../src-contract/metrics.ts';
import type { ChartDefinition, LineDefinition } from './charts.ts';
import { figure } from './figures.ts';

type Values = readonly (number | null)[];

export interface ChartLine extends LineDefinition {
  key: string;
  values: Values;
  /** The lowest and highest readings of each step; null where they say no more than the value does. */
  range: { low: Values; high: Values } | null;
}

export interface ChartData {
  frame: Frame;
  lines: readonly ChartLine[];
}

/** The steps that all charts share. */
export interface Frame {
  /** Seconds since the epoch; a value is of the step that begins then. */
  times: readonly number[];
  step: number;
  from: number;
  to: number;
  /** Whether anything at all was measured in a step. */
  measured: readonly boolean[];
  /** Steps from here on can have no figures yet: the last sample was taken before. */
  open_from: number;
}

/** A sample is written at its end, and waited for this long. */
const LATE_SECONDS = 20;

export function frameOf(history: MetricHistory, now_ms: number): Frame {
  const from = Date.parse(history.from) / 1000;
  const { step_seconds: step, points } = history;
  const times = Array.from({ length: points }, (_, i) => from + i * step);
  const measured = times.map((_, i) => history.lines.some(({ values }) => (values[i] ?? null) !== null));
  // Only what is missing at the end: a step with figures is no open one.
  const last = measured.lastIndexOf(true);
  const due = now_ms / 1000 - LATE_SECONDS - step;
  const open = times.findIndex((time, i) => i > last && time > due);
  return { times, step, from, to: Date.parse(history.to) / 1000, measured, open_from: open < 0 ? points : open };
}

export function chartData(chart: ChartDefinition, history: MetricHistory, frame: Frame): ChartData {
  const lines = chart.lines.flatMap((definition) => {
    const told = history.lines.find(({ series, line }) => series === definition.series && line === definition.line);
    if (told === undefined) return [];
    const { values, min, max } = told;
    const range = min === null || max === null || isFlat(min, max) ? null : { low: min, high: max };
    return [{ ...definition, key: `${definition.series}.${definition.line}`, values, range }];
  });
  return { frame, lines };
}

const isFlat = (low: Values, high: Values): boolean => low.every((value, i) => value === high[i]);

export interface Stretch {
  from: number;
  to: number;
}

/** Where Archon did not run, or could not measure. What is still to come is no gap. */
export function gapsOf({ times, step, measured, open_from }: Frame): Stretch[] {
  const gaps: Stretch[] = [];
  for (let i = 0; i < open_from; i += 1) {
    const time = times[i];
    if (time === undefined || measured[i]) continue;
    const before = gaps.at(-1);
    if (before?.to === time) before.to = time + step;
    else gaps.push({ from: time, to: time + step });
  }
  return gaps;
}

/** The step that a time lies in; undefined outside of all. */
export function stepAt({ from, step, times }: Frame, time: number): number | undefined {
  const i = Math.floor((time - from) / step);
  return i >= 0 && i < times.length ? i : undefined;
}

/** A value in words, or why there is none. */
export function valueWords(chart: ChartDefinition, frame: Frame, values: Values, i: number): string {
  const value = values[i] ?? null;
  if (value !== null) return figure(chart.unit, value);
  if (i >= frame.open_from) return 'not yet measured';
  return frame.measured[i] ? chart.absent : 'not measured';
}

/** The last step in which something was measured; where the eye is while nobody points. */
export const lastStep = ({ measured }: Frame): number => Math.max(0, measured.lastIndexOf(true));

/** Values that stand alone: no line leads to them, so they are drawn as dots. */
export function loneValues(values: Values): number[] {
  const lone: number[] = [];
  values.forEach((value, i) => {
    if (value !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null) lone.push(i);
  });
  return lone;
}
