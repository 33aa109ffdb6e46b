/** Numbers of the charts as people read them, in the unit that suits their size. */
import type { MetricUnit } from '../../../../../src-contract/metrics.ts';
import { longDuration } from '../../../../ui/duration.ts';
import { bytes, number } from '../../../../ui/format.ts';

/** Three digits that count, and no zeros behind them. */
function digits(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 1000) return number(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

/** `340 ms`, `1.25 s`, `3 min 4 s`; `97.3 %`; `12/min`; `1.2 MB`. */
export function figure(unit: MetricUnit, value: number): string {
  switch (unit) {
    case 'seconds':
      return seconds(value);
    case 'per_minute':
      return `${digits(value)}/min`;
    case 'ratio':
      return `${digits(value * 100)} %`;
    case 'bytes':
      return bytes(Math.round(value));
    case 'count':
    case 'tokens':
    case 'state':
      return digits(value);
    default:
      return unit satisfies never;
  }
}

function seconds(value: number): string {
  if (value === 0) return '0 s';
  if (value < 0.9995) return `${digits(value * 1000)} ms`;
  if (value < 60) return `${digits(value)} s`;
  return longDuration(value * 1000);
}

/** What one number of a chart is, for the heading of a column. */
export const UNIT_WORDS: Readonly<Record<MetricUnit, string>> = {
  seconds: 'seconds',
  per_minute: 'per minute',
  count: 'count',
  tokens: 'tokens',
  ratio: 'ratio',
  bytes: 'bytes',
  state: 'state',
};

const decades = (first: number, last: number, steps: readonly number[]): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) =>
    steps.map((step) => Number((step * 10 ** (first + i)).toPrecision(6))),
  ).flat();

const ROUND = [1, 2, 5];
const LONG_SECONDS = [
  60, 120, 300, 600, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 432_000, 864_000, 1_728_000, 4_320_000,
];

/** Distances between the lines of the scale that are round in this unit. */
export function tickSteps(unit: MetricUnit): number[] {
  switch (unit) {
    case 'seconds':
      return [...decades(-5, 0, ROUND).filter((step) => step < 10), 10, 20, 30, ...LONG_SECONDS];
    case 'count':
    case 'tokens':
    case 'state':
      return decades(0, 12, ROUND);
    case 'bytes':
      return decades(0, 15, ROUND);
    case 'per_minute':
    case 'ratio':
      return decades(-4, 9, ROUND);
    default:
      return unit satisfies never;
  }
}
