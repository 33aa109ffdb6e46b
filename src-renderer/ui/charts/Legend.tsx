/** The lines of a chart by their names, with their values at the crosshair; each can be switched off. */
import { type KeyboardEvent, type MouseEvent, useEffect, useRef } from 'react';
import { cx } from '../classes.ts';
import type { ChartSync } from './chart-sync.ts';
import { type ChartColour, DASHES } from './chart-theme.ts';
import { useSeen } from './use-seen.ts';

export interface LegendProps {
  label: string;
  lines: readonly { key: string; label: string; colour: ChartColour }[];
  hidden: ReadonlySet<string>;
  onHide(keys: ReadonlySet<string>): void;
  sync: ChartSync;
  /** The values of all lines in words, in their order; at no time: the last ones. */
  valuesAt(time: number | null): string[];
}

export function Legend({ label, lines, hidden, onHide, sync, valuesAt }: LegendProps) {
  const list = useRef<HTMLUListElement>(null);
  const show = useRef<(time: number | null) => void>(() => {});
  // Written past React: the crosshair moves with every frame, over all charts at once.
  show.current = (time) => {
    const places = list.current?.querySelectorAll('[data-value]') ?? [];
    const values = valuesAt(time);
    for (const [i, place] of places.entries()) {
      const words = values[i] ?? '';
      if (place.textContent !== words) place.textContent = words;
    }
  };
  const isSeen = useSeen(list);
  useEffect(() => (isSeen ? sync.subscribeWords((time) => show.current(time)) : undefined), [sync, isSeen]);
  useEffect(() => show.current(sync.time));

  const toggle = (key: string) => {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    onHide(next);
  };
  /** Only this one; all again when it is the only one already. */
  const only = (key: string) => {
    const others = lines.map((line) => line.key).filter((other) => other !== key);
    const isOnly = !hidden.has(key) && others.every((other) => hidden.has(other));
    onHide(new Set(isOnly ? [] : others));
  };
  const onClick = (event: MouseEvent, key: string) => (event.altKey ? only(key) : toggle(key));
  const onKeyDown = (event: KeyboardEvent, key: string) => {
    if (!event.altKey || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    only(key);
  };
  return (
    <ul ref={list} aria-label={label} className="flex min-w-0 flex-wrap gap-x-3 gap-y-0.5">
      {lines.map(({ key, label: name, colour }, i) => (
        <li key={key} className="min-w-0">
          <button
            type="button"
            aria-pressed={!hidden.has(key)}
            title="Click: show or hide. Alt and click: only this one."
            onClick={(event) => onClick(event, key)}
            onKeyDown={(event) => onKeyDown(event, key)}
            className={cx(
              'flex max-w-full items-center gap-1.5 rounded px-1 py-0.5 text-xs hover:bg-hover',
              hidden.has(key) && 'text-faint line-through',
            )}
          >
            <svg aria-hidden="true" viewBox="0 0 18 4" className="h-1 w-[18px] shrink-0">
              <line
                x1={0}
                x2={18}
                y1={2}
                y2={2}
                strokeWidth={2}
                strokeDasharray={DASHES[i % DASHES.length]?.join(' ')}
                style={{ stroke: hidden.has(key) ? 'var(--faint)' : `var(--${colour})` }}
              />
            </svg>
            <span className="one-line">{name}</span>
            {/* Of one size, whatever it says: nothing is laid out anew while the crosshair moves. */}
            <span>
              <span
                data-value
                className="one-line block h-4 w-21 text-left text-muted leading-4 tabular-nums [contain:strict]"
              />
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
