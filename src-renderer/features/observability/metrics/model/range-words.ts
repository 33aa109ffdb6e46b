/** The time of the charts in words. */
import { LAST, type Span, type TimeRange } from './time-range.ts';

const MOMENT = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** `1 Mar 2026, 10:00:00 – 11:00:00`; both with the day when they are of two. */
export function spanWords({ from_ms, to_ms }: Span): string {
  const [from, to] = [new Date(from_ms), new Date(to_ms)];
  const isOneDay = from.toDateString() === to.toDateString();
  return `${MOMENT.format(from)} – ${(isOneDay ? CLOCK : MOMENT).format(to)}`;
}

export function rangeWords(range: TimeRange): string {
  switch (range.kind) {
    case 'last':
      return `The last ${LAST[range.name].label}`;
    case 'since':
      return `Since ${MOMENT.format(range.from_ms)}`;
    case 'between':
      return spanWords(range);
    default:
      return range satisfies never;
  }
}

/** As a field for times has it: where the person is, to the second. */
export function fieldTime(ms: number): string {
  const at = new Date(ms);
  return new Date(ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
