/** Durations on the command line, such as `90s`, `30m`, `2h` or `1d`. */
import { InvalidArgumentError } from 'commander';

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^([1-9]\d{0,5})([smhd])$/;
const LONGEST_MS = 365 * UNIT_MS.d;

/** In milliseconds. */
export function duration(value: string): number {
  const [, count, unit] = DURATION.exec(value.trim()) ?? [];
  const ms = count === undefined ? Number.NaN : Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  if (!(ms <= LONGEST_MS)) throw new InvalidArgumentError('It must be a time such as 30m, 2h or 1d, of at most 365d.');
  return ms;
}
