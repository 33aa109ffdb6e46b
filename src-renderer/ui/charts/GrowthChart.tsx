import type { UserStats } from '../../../src-contract/index.ts';
import { number, plural } from '../format.ts';

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const dayName = (day: string): string => DAY.format(new Date(`${day}T00:00:00Z`));

/** Days that are named under the bars: from the first to the last, all equally far apart. */
const NAMED = 5;

/** For who does not see it: how many, of which layer, and the day with the most. */
function inWords(growth: UserStats['growth']): string {
  const sum = (of: (day: UserStats['growth'][number]) => number) => growth.reduce((all, day) => all + of(day), 0);
  const [longterm, working] = [sum((day) => day.longterm), sum((day) => day.working)];
  const most = growth.toSorted((one, other) => other.working + other.longterm - one.working - one.longterm)[0];
  const written = `${plural(longterm + working, 'memory', 'memories')} written in ${plural(growth.length, 'day')}`;
  if (most === undefined || longterm + working === 0) return written;
  const best = `most on ${dayName(most.day)}: ${number(most.working + most.longterm)}`;
  return `${written}: ${number(longterm)} long-term, ${number(working)} working; ${best}`;
}

/** Memories written per day, by layer. */
export function GrowthChart({ growth }: { growth: UserStats['growth'] }) {
  const most = Math.max(1, ...growth.map(({ working, longterm }) => working + longterm));
  const named = Array.from({ length: NAMED }, (_, i) => Math.round((i * (growth.length - 1)) / (NAMED - 1)));
  const part = (count: number) => `${(count / most) * 100}%`;
  return (
    <div
      role="img"
      aria-label={inWords(growth)}
      className="grid h-36 grid-cols-[auto_1fr] gap-x-2 text-[10px] text-faint tabular-nums"
    >
      <div className="flex h-31 flex-col justify-between text-right leading-none">
        <span>{number(most)}</span>
        <span>0</span>
      </div>
      <div className="flex h-31 min-w-0 border-line border-b">
        {growth.map(({ day, working, longterm }) => (
          <div
            key={day}
            title={`${dayName(day)}: ${number(longterm)} long-term, ${number(working)} working`}
            className="flex h-full min-w-0 flex-1 flex-col justify-end px-[1px] hover:bg-hover"
          >
            {working > 0 && <span className="min-h-px bg-working" style={{ height: part(working) }} />}
            {longterm > 0 && <span className="min-h-px bg-longterm" style={{ height: part(longterm) }} />}
          </div>
        ))}
      </div>
      <div className="col-start-2 flex min-w-0 items-end justify-between whitespace-nowrap leading-none">
        {growth
          .filter((_, i) => named.includes(i))
          .map(({ day }) => (
            <span key={day}>{dayName(day)}</span>
          ))}
      </div>
    </div>
  );
}
