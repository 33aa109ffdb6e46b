/** Amounts of signals as people read them. */
import { HEALTH_STATUSES, type OpsUnit } from '../../../src-contract/index.ts';
import { formatBytes } from '../../units.ts';

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;
/** Milliseconds from which on they are told in seconds. */
const LONG_MS = 10_000;

export function amountText(unit: OpsUnit, value: number): string {
  switch (unit) {
    case 'level':
      return HEALTH_STATUSES[Math.min(2, Math.max(0, Math.round(value)))] ?? 'unhealthy';
    case 'seconds':
      return durationText(value);
    case 'ms':
      return Math.abs(value) < LONG_MS ? `${numberText(value)} ms` : durationText(value / 1000);
    case 'percent':
      return `${numberText(value)} %`;
    case 'bytes':
      return formatBytes(value);
    case 'count':
    case 'per_minute':
    case 'per_hour':
      return numberText(value);
  }
}

/** Two units at most: `6 min`, `1 h 5 min`, `2 days`. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < MINUTE_SECONDS) return `${numberText(Math.max(0, whole))} s`;
  if (whole < HOUR_SECONDS) return `${Math.floor(whole / MINUTE_SECONDS)} min`;
  if (whole < 2 * DAY_SECONDS) return withRest(whole, HOUR_SECONDS, 'h', MINUTE_SECONDS, 'min');
  return withRest(whole, DAY_SECONDS, 'days', HOUR_SECONDS, 'h');
}

function withRest(seconds: number, unit: number, name: string, rest_unit: number, rest_name: string): string {
  const rest = Math.floor((seconds % unit) / rest_unit);
  const whole = `${numberText(Math.floor(seconds / unit))} ${name}`;
  return rest === 0 ? whole : `${whole} ${rest} ${rest_name}`;
}

const NUMBER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

export const numberText = (value: number): string => NUMBER.format(value);
