/** Times of what happened: to the second in a list, to the millisecond where somebody looks closely. */

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const EXACT = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  timeZoneName: 'short',
});

/** `14:03:07`; with the day when it is not this one. */
export function momentOf(time: string, now: Date = new Date()): string {
  const at = new Date(time);
  const clock = CLOCK.format(at);
  return at.toDateString() === now.toDateString() ? clock : `${DAY.format(at)} ${clock}`;
}

/** With the milliseconds and the time zone. */
export const exactTime = (time: string): string => EXACT.format(new Date(time));
