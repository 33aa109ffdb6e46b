import { type KeyboardEvent, useId, useState } from 'react';
import type { EventStats } from '../../../../../src-contract/index.ts';
import { cx } from '../../../../ui/classes.ts';
import { clock, number, plural } from '../../../../ui/format.ts';
import { Skeleton } from '../../../../ui/states.tsx';
import { useEventStats } from '../hooks/use-event-stats.ts';
import type { FeedSearchControl } from '../hooks/use-feed-search.ts';
import { TypeBadge } from './TypeBadge.tsx';

const MINUTE_MS = 60_000;
const TOP_TYPES = 3;

/** How much happened in the last hour. A minute or a type of it narrows the feed. */
export function LastHour({ search, set }: FeedSearchControl) {
  const { data, isError } = useEventStats();
  return (
    <section
      aria-label="The last hour"
      className="flex h-20 shrink-0 items-stretch gap-5 border-line border-b px-3 py-2"
    >
      <div className="w-36 shrink-0">
        <p className="font-semibold text-[20px] tabular-nums leading-7">{data ? number(data.total) : '–'}</p>
        <p className="text-[11px] text-faint">
          {isError && !data ? 'cannot be counted now' : 'events in the last hour'}
        </p>
      </div>
      {data ? <Bars stats={data} search={search} set={set} /> : <Skeleton className="flex-1" />}
      <div className="flex w-56 shrink-0 flex-col gap-0.5 max-[900px]:hidden">
        {data?.types.slice(0, TOP_TYPES).map(({ type, count }) => (
          <button
            key={type}
            type="button"
            title="Show only these"
            onClick={() => set({ type: [type] })}
            className="flex min-w-0 items-center gap-2 rounded hover:bg-hover"
          >
            <TypeBadge type={type} />
            <span className="ml-auto text-[11px] text-faint tabular-nums">{number(count)}</span>
          </button>
        ))}
      </div>
    </section>
  );
}

/** A bar for each minute. One stop of the Tab key; the arrows go from minute to minute. */
function Bars({ stats: { minutes }, search, set }: FeedSearchControl & { stats: EventStats }) {
  const id = useId();
  const [active, setActive] = useState(minutes.length - 1);
  const most = Math.max(1, ...minutes.map(({ count }) => count));
  const go = (index: number) => {
    const next = Math.max(0, Math.min(minutes.length - 1, index));
    setActive(next);
    document.getElementById(`${id}-${next}`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -minutes.length, End: minutes.length }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    go(active + step);
  };
  const narrow = (minute: string) => {
    const to = new Date(Date.parse(minute) + MINUTE_MS).toISOString();
    set(search.from === minute && search.to === to ? { from: undefined, to: undefined } : { from: minute, to });
  };
  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <div
        role="toolbar"
        aria-label="Events per minute"
        aria-orientation="horizontal"
        onKeyDown={onKeyDown}
        className="flex min-h-0 flex-1 items-stretch"
      >
        {minutes.map(({ minute, count }, index) => {
          const isIn = isInRange(minute, search.from, search.to);
          return (
            <button
              key={minute}
              id={`${id}-${index}`}
              type="button"
              tabIndex={index === active ? 0 : -1}
              aria-label={`${clock(minute)}: ${plural(count, 'event')}`}
              aria-pressed={search.from !== undefined && isIn}
              title={`${clock(minute)}: ${plural(count, 'event')}`}
              onFocus={() => setActive(index)}
              onClick={() => narrow(minute)}
              className="group flex min-w-0 flex-1 items-end px-px hover:bg-hover focus-visible:outline-offset-0"
            >
              <span
                className={cx(
                  'block w-full rounded-t-[2px]',
                  isIn && count > 0 ? 'bg-accent group-hover:bg-accent-hover' : 'bg-line-strong',
                )}
                style={{ height: count === 0 ? 1 : `max(2px, ${(count / most) * 100}%)` }}
              />
            </button>
          );
        })}
      </div>
      <p aria-hidden="true" className="flex justify-between text-[10px] text-faint leading-4 tabular-nums">
        <span>{minutes[0] && clock(minutes[0].minute)}</span>
        <span>most in a minute: {number(Math.max(0, ...minutes.map(({ count }) => count)))}</span>
        <span>now</span>
      </p>
    </div>
  );
}

/** Whether any of the minute is in the range. */
function isInRange(minute: string, from: string | undefined, to: string | undefined): boolean {
  const at_ms = Date.parse(minute);
  if (from !== undefined && at_ms + MINUTE_MS <= Date.parse(from)) return false;
  return to === undefined || at_ms < Date.parse(to);
}
