/** When a worker runs, as a person would say it. */
import type { WorkerSchedule } from '../../../src-contract/index.ts';

const UNITS = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3600 },
  { unit: 'minute', seconds: 60 },
  { unit: 'second', seconds: 1 },
] as const;

export type IntervalUnit = (typeof UNITS)[number]['unit'];
/** Smallest first. */
export const INTERVAL_UNITS: readonly IntervalUnit[] = UNITS.map(({ unit }) => unit).reverse();

/** An interval in the largest unit that it is a whole number of. */
export function intervalIn(seconds: number): { count: number; unit: IntervalUnit } {
  const { unit, seconds: size } = UNITS.find((each) => seconds % each.seconds === 0) ?? UNITS[3];
  return { count: seconds / size, unit };
}

export const secondsOf = (count: number, unit: IntervalUnit): number =>
  count * (UNITS.find((each) => each.unit === unit)?.seconds ?? 1);

/** `every 15 minutes`, `at 03:00 every day (UTC)`, `only when asked to`. */
export function scheduleWords(schedule: WorkerSchedule): string {
  switch (schedule.kind) {
    case 'manual':
      return 'only when asked to';
    case 'interval': {
      const { count, unit } = intervalIn(schedule.seconds);
      return every(count, unit);
    }
    case 'cron':
      return `${cronWords(schedule.expression) ?? 'at the times of its cron expression'} (${schedule.time_zone})`;
  }
}

/** What the words were made from, where they do not say all of it. */
export const scheduleExpression = (schedule: WorkerSchedule): string | undefined =>
  schedule.kind === 'cron' ? schedule.expression : undefined;

/**
 * The common kinds of cron expressions in words; undefined for the others, which are better read as they are.
 * Only what is true of every run is said: "every 7 minutes" is not, since an hour does not end with one.
 */
export function cronWords(expression: string): string | undefined {
  const fields = expression.trim().split(/\s+/);
  // With six the first one is for the seconds.
  if (fields.length === 6 && fields[0] !== '0') return undefined;
  const [minute, hour, date, month, weekday, ...rest] = fields.length === 6 ? fields.slice(1) : fields;
  if (minute === undefined || hour === undefined || weekday === undefined || rest.length > 0) return undefined;
  if (month !== '*') return undefined;
  const days = daysOf(date ?? '', weekday);
  if (days === undefined) return undefined;
  const steps = everySteps(minute, hour);
  if (steps !== undefined) return days === 'every day' ? steps : `${steps}, ${days}`;
  const times = timesOf(minute, hour);
  return times === undefined ? undefined : `at ${listed(times)} ${days}`;
}

const every = (count: number, unit: string): string => (count === 1 ? `every ${unit}` : `every ${count} ${unit}s`);

function everySteps(minute: string, hour: string): string | undefined {
  if (hour === '*') {
    const step = stepOf(minute, 60);
    if (step !== undefined) return every(step, 'minute');
    const at = numberIn(minute, 0, 59);
    return at === undefined ? undefined : `every hour at ${at} min past`;
  }
  const step = stepOf(hour, 24);
  const at = numberIn(minute, 0, 59);
  if (step === undefined || at === undefined) return undefined;
  return `${every(step, 'hour')} at ${at} min past`;
}

/** A step of which the whole is a multiple, so that it is the same over its end. */
function stepOf(field: string, whole: number): number | undefined {
  if (field === '*') return 1;
  const step = numberIn(/^\*\/(\d+)$/.exec(field)?.[1] ?? '', 1, whole - 1);
  return step !== undefined && whole % step === 0 ? step : undefined;
}

function timesOf(minute: string, hour: string): string[] | undefined {
  const at = numberIn(minute, 0, 59);
  const hours = hour.split(',').map((one) => numberIn(one, 0, 23));
  if (at === undefined || hours.length > 4) return undefined;
  const known = hours.filter((one) => one !== undefined).sort((a, b) => a - b);
  if (known.length < hours.length) return undefined;
  return [...new Set(known)].map((one) => `${twoDigits(one)}:${twoDigits(at)}`);
}

const DAY_NAMES = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const DAY_CODES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

function daysOf(date: string, weekday: string): string | undefined {
  if (date === '*') return weekday === '*' ? 'every day' : weekdaysOf(weekday);
  // With both it runs on either of them.
  if (weekday !== '*') return undefined;
  const day = numberIn(date, 1, 31);
  // Not every month has those after it.
  return day === undefined || day > 28 ? undefined : `on day ${day} of every month`;
}

function weekdaysOf(field: string): string | undefined {
  const [from, to, ...more] = field.split('-').map(weekdayNumber);
  if (field.includes('-')) {
    if (from === undefined || to === undefined || more.length > 0 || from >= to) return undefined;
    return `from ${DAY_NAMES[from]} to ${DAY_NAMES[to]}`;
  }
  const days = field.split(',').map(weekdayNumber);
  const known = days.filter((day) => day !== undefined).sort((a, b) => a - b);
  if (known.length < days.length) return undefined;
  return `on ${listed([...new Set(known)].map((day) => `${DAY_NAMES[day]}s`))}`;
}

function weekdayNumber(text: string): number | undefined {
  const named = DAY_CODES.indexOf(text.toUpperCase());
  return named >= 0 ? named : numberIn(text, 0, 6);
}

function numberIn(text: string, least: number, most: number): number | undefined {
  if (!/^\d{1,2}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** `a`, `a and b`, `a, b and c`. */
function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
