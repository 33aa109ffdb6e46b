/** Figures and times as people read them. */
import type { OpsReportFigure } from '../../../src-contract/index.ts';

const NOTHING = '–';

export function figureText(value: number | null, unit: OpsReportFigure['unit']): string {
  if (value === null) return NOTHING;
  switch (unit) {
    case 'percent':
      return percentText(value);
    case 'count':
      return countText(value);
    case 'ms':
      return msText(value);
    case 'seconds':
      return secondsText(value);
  }
}

/** Never says 100 % of what is not all of it, nor 0 % of what is something. */
export function percentText(value: number | null): string {
  if (value === null) return NOTHING;
  const text = value.toFixed(2);
  if (value < 100 && text === '100.00') return '99.99 %';
  if (value > 0 && text === '0.00') return '< 0.01 %';
  return `${text.replace(/\.?0+$/, '')} %`;
}

export const countText = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 1 });

export function msText(value: number): string {
  if (value >= 10_000) return secondsText(value / 1000);
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  return value >= 10 ? `${Math.round(value)} ms` : `${value.toFixed(1)} ms`;
}

export function secondsText(value: number | null): string {
  if (value === null) return NOTHING;
  if (value < 10) return `${Number(value.toFixed(1))} s`;
  const whole = Math.round(value);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return joined(Math.floor(whole / 60), 'min', whole % 60, 's');
  const minutes = Math.round(whole / 60);
  if (minutes < 1440) return joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return joined(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const joined = (large: number, unit: string, small: number, small_unit: string): string =>
  small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${small_unit}`;

/** How a figure changed, and whether that is for the better; null where there is nothing to compare. */
export interface Change {
  text: string;
  verdict: 'better' | 'worse' | 'same';
}

export function changeOf({ value, unit, better }: OpsReportFigure, before: number | null): Change | null {
  if (value === null || before === null) return null;
  const difference = value - before;
  const text = changeText(difference, before, unit);
  if (text === null) return { text: '±0', verdict: 'same' };
  if (better === 'neither') return { text, verdict: 'same' };
  return { text, verdict: difference > 0 === (better === 'up') ? 'better' : 'worse' };
}

/** Of percents the difference, of everything else how many percent more or less; null when there is none to be told. */
function changeText(difference: number, before: number, unit: OpsReportFigure['unit']): string | null {
  const sign = difference > 0 ? '+' : '−';
  const size = Math.abs(difference);
  if (unit === 'percent') return size < 0.005 ? null : `${sign}${Number(size.toFixed(2))} pp`;
  if (size < 1e-9) return null;
  if (before === 0) return `${sign}${figureText(size, unit)}`;
  const percent = (100 * size) / before;
  if (percent < 0.5) return null;
  return percent >= 1000
    ? `× ${countText(Math.round((before + difference) / before))}`
    : `${sign}${Math.round(percent)} %`;
}

/** Of a time zone, such as `30 Nov 2026, 07:00`. */
export function timeText(iso: string, time_zone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: time_zone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(iso));
}

/** The same without the year, for lists: `30 Nov, 07:00`. */
export const shortTimeText = (iso: string, time_zone: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone: time_zone,
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(iso));

/** The day that a report ends on, such as `2026-11-30`. */
export function dayText(iso: string, time_zone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: time_zone, dateStyle: 'short' }).format(new Date(iso));
}

/** `data_folder` as `data folder`. */
export const words = (name: string): string => name.replaceAll(/[_-]/g, ' ');
