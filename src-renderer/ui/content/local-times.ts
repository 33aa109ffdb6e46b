import { clock, dayAndClock } from '../format.ts';

const INSTANT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z/g;

/** A sentence of the engine, with its times as the clock of the reader has them: `12:03`, with the day when not today. */
export function localTimes(text: string, now_ms: number = Date.now()): string {
  return text.replace(INSTANT, (instant) => {
    const time_ms = Date.parse(instant);
    if (Number.isNaN(time_ms)) return instant;
    const isToday = new Date(time_ms).toDateString() === new Date(now_ms).toDateString();
    return isToday ? clock(instant) : dayAndClock(instant);
  });
}
