/** Numbers, times and sizes as people read them. */

export const number = (value: number): string => value.toLocaleString('en');

/** `1.2 MB` of a number of bytes. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let rest = value;
  let unit = 0;
  while (rest >= 1000 && unit < units.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? rest : rest.toFixed(rest < 10 ? 1 : 0)} ${units[unit]}`;
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const FULL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' });

export const day = (time: string): string => DAY.format(new Date(time));
export const clock = (time: string): string => TIME.format(new Date(time));
export const dayAndClock = (time: string): string => `${day(time)}, ${clock(time)}`;
export const fullTime = (time: string): string => FULL.format(new Date(time));

const STEPS: readonly [limit_s: number, divisor_s: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, 'second'],
  [3600, 60, 'minute'],
  [86_400, 3600, 'hour'],
  [86_400 * 14, 86_400, 'day'],
];
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

/** `3 min ago`, `in 2 days`; a date when it is more than two weeks away. */
export function ago(time: string, now_ms: number = Date.now()): string {
  const seconds = Math.round((Date.parse(time) - now_ms) / 1000);
  if (Math.abs(seconds) < 5) return 'now';
  const step = STEPS.find(([limit_s]) => Math.abs(seconds) < limit_s);
  return step ? RELATIVE.format(Math.trunc(seconds / step[1]), step[2]) : day(time);
}

/** `1 memory`, `2 memories`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`;
