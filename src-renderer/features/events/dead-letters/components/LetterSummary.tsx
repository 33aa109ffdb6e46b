import type { DeadLetterStats } from '../../../../../src-contract/index.ts';
import { cx } from '../../../../ui/classes.ts';
import { number } from '../../../../ui/format.ts';
import { Ago } from '../../../../ui/Time.tsx';
import type { SearchControl } from '../hooks/use-letters-search.ts';

/** Subscribers that have a button of their own; the others are found in the list. */
const MOST_CHIPS = 12;

export interface LetterSummaryProps extends SearchControl {
  stats: DeadLetterStats;
  nameOf(subscriber: string): string;
}

/** How many are dead, since when, and whose they are. */
export function LetterSummary({ stats, nameOf, search, set }: LetterSummaryProps) {
  const { dead, replaying, oldest_dead_at, subscribers } = stats;
  const shown = subscribers.toSorted((a, b) => b.dead - a.dead).slice(0, MOST_CHIPS);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-3 pt-2.5">
      <p role="status" className="text-muted">
        <span className={cx('font-semibold text-[15px] tabular-nums', dead > 0 ? 'text-bad' : 'text-ok')}>
          {number(dead)} dead
        </span>
        {oldest_dead_at !== null && (
          <>
            {' '}
            · the oldest failed <Ago time={oldest_dead_at} />
          </>
        )}
        {replaying > 0 && <span className="tabular-nums"> · {number(replaying)} replaying</span>}
      </p>
      {shown.length > 0 && (
        <ul aria-label="Dead letters by subscriber" className="flex max-h-14 flex-wrap gap-1 overflow-y-auto">
          {shown.map(({ subscriber, dead: count }) => {
            const isChosen = search.subscriber === subscriber;
            return (
              <li key={subscriber}>
                <button
                  type="button"
                  aria-pressed={isChosen}
                  title={subscriber}
                  onClick={() => set({ subscriber: isChosen ? undefined : subscriber })}
                  className="flex h-6 max-w-56 items-center gap-1.5 rounded-full border border-line bg-raised px-2 text-xs hover:border-line-strong hover:bg-hover aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:text-accent-text"
                >
                  <span dir="auto" className="one-line">
                    {nameOf(subscriber)}
                  </span>
                  <span className="tabular-nums">{number(count)}</span>
                </button>
              </li>
            );
          })}
          {subscribers.length > shown.length && (
            <li className="text-faint text-xs leading-6">and {number(subscribers.length - shown.length)} more</li>
          )}
        </ul>
      )}
    </div>
  );
}
