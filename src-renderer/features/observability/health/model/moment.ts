import { longDuration } from '../../../../ui/duration.ts';
import { clock, dayAndClock } from '../../../../ui/format.ts';

const DAY_MS = 86_400_000;

/** `12:03 (4 min)`: when something was and how long ago; with the day when it was not today. */
export function moment(time_ms: number, now_ms: number): string {
  const time = new Date(time_ms).toISOString();
  const isToday = now_ms - time_ms < DAY_MS && new Date(time_ms).getDate() === new Date(now_ms).getDate();
  return `${isToday ? clock(time) : dayAndClock(time)} (${longDuration(now_ms - time_ms)})`;
}
