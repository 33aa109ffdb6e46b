/** The number of a signal as people read it. */
import { OPS_SIGNALS, type OpsSignalName, type OpsUnit } from '../../../../src-contract/ops-signals.ts';
import { longDuration } from '../../../ui/duration.ts';
import { bytes, number } from '../../../ui/format.ts';

const LEVELS = ['healthy', 'degraded', 'unhealthy'] as const;

/** `unhealthy`, `86 %`, `1.2 GB`, `5 min 4 s`, `12 a minute`. */
export const signalValue = (signal: OpsSignalName, value: number): string => unitValue(OPS_SIGNALS[signal].unit, value);

export function unitValue(unit: OpsUnit, value: number): string {
  switch (unit) {
    case 'level':
      // A limit may lie between two levels.
      return LEVELS[value] ?? short(value);
    case 'count':
      return short(value);
    case 'seconds':
      return secondsWords(value);
    case 'ms':
      return `${short(value)} ms`;
    case 'percent':
      return `${percentWords(value)} %`;
    case 'bytes':
      return value < 0 ? `-${bytes(-value)}` : bytes(value);
    case 'per_minute':
      return `${short(value)} a minute`;
    case 'per_hour':
      return `${short(value)} an hour`;
  }
}

/** Below a second as it is; else in whole seconds and the two largest units. */
function secondsWords(seconds: number): string {
  if (seconds < 0) return `-${secondsWords(-seconds)}`;
  return seconds > 0 && seconds < 1 ? `${short(seconds)} s` : longDuration(seconds * 1000);
}

/** Beyond hundredths of a percent nothing is said. */
const percentWords = (value: number): string => short(Number(value.toFixed(2)));

/** Three digits say enough of a part; of a whole number all of them do. */
const short = (value: number): string =>
  number(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
