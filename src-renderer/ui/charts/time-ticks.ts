/** What stands under a chart: times of the day, and days where they begin. */

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const SECONDS = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

const DAY_SECONDS = 86_400;

/** @param distance seconds between two of them */
export function tickWords(times: readonly number[], distance: number): string[] {
  return times.map((time) => {
    const at = new Date(time * 1000);
    const isMidnight = at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0;
    if (distance >= DAY_SECONDS || isMidnight) return DAY.format(at);
    return (distance < 60 ? SECONDS : CLOCK).format(at);
  });
}

/** The time of a step: to the second, with the day when it is not this one. */
export function stepWords(time: number, now: Date = new Date()): string {
  const at = new Date(time * 1000);
  const clock = SECONDS.format(at);
  return at.toDateString() === now.toDateString() ? clock : `${DAY.format(at)} ${clock}`;
}

const DISTANCES = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 432_000];

/** Round times of this computer's day between two, so many at most; also over a change to or from summer time. */
export function roundTimes(from: number, to: number, most: number): { times: number[]; distance: number } {
  const distance = DISTANCES.find((each) => (to - from) / each <= most) ?? Math.ceil((to - from) / most);
  const [begin, end] = [onTheClock(from), onTheClock(to)];
  const first = Math.ceil(begin / distance) * distance;
  const count = Math.max(0, Math.floor((end - first) / distance) + 1);
  const times = Array.from({ length: count }, (_, i) => ofTheClock(first + i * distance));
  return { times: times.filter((time) => time >= from && time <= to), distance };
}

/** What the clock here shows at a time, as the time at which it would show the same without an offset. */
const onTheClock = (time: number): number => time - new Date(time * 1000).getTimezoneOffset() * 60;

function ofTheClock(shown: number): number {
  const at = new Date(shown * 1000);
  const day = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()] as const;
  return new Date(...day, at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()).getTime() / 1000;
}
