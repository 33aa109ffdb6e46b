/** A figure of a report beside what it was before: how it has changed, and whether that is good. Pure. */
import type { OpsReportFigure } from '../../../../../src-contract/index.ts';
import { unitValue } from '../../words/signal-value.ts';

export interface Comparison {
  direction: 'up' | 'down' | 'same';
  /** `+12 %`, `-0.4 points`, `the same`. */
  change: string;
  verdict: 'good' | 'bad' | 'neither';
}

/** @param before what it was; undefined where one of the two was not recorded */
export function comparisonOf(figure: OpsReportFigure, before: number | null): Comparison | undefined {
  const { value } = figure;
  if (value === null || before === null) return undefined;
  const change = changeWords(figure, value, before);
  // What is the same in the words that are shown has no arrow.
  if (change === undefined) return { direction: 'same', change: 'the same', verdict: 'neither' };
  const direction = value > before ? 'up' : 'down';
  return { direction, change, verdict: verdictOf(figure.better, direction) };
}

function verdictOf(better: OpsReportFigure['better'], direction: 'up' | 'down'): Comparison['verdict'] {
  if (better === 'neither') return 'neither';
  return better === direction ? 'good' : 'bad';
}

/** Undefined when it rounds to nothing. */
function changeWords({ unit }: OpsReportFigure, value: number, before: number): string | undefined {
  const sign = value > before ? '+' : '-';
  const difference = Math.abs(value - before);
  if (unit === 'percent') {
    const points = Number(difference.toFixed(2));
    return points === 0 ? undefined : `${sign}${points} ${points === 1 ? 'point' : 'points'}`;
  }
  // There is no part of nothing.
  if (before === 0) return difference === 0 ? undefined : `${sign}${unitValue(unit, difference)}`;
  const percent = Math.round((difference / Math.abs(before)) * 100);
  return percent === 0 ? undefined : `${sign}${percent.toLocaleString('en')} %`;
}
