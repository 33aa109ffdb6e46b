/** Rows over time beside their names, with the crosshair, the keys and the choosing of a stretch that charts have. */
import { type PointerEvent, type ReactNode, useEffect, useRef } from 'react';
import { cx } from '../classes.ts';
import type { ChartSync } from './chart-sync.ts';
import { roundTimes, tickWords } from './time-ticks.ts';
import { useChartKeys } from './use-chart-keys.ts';
import { useSeen } from './use-seen.ts';

export interface TimeTrackProps {
  label: string;
  frame: { times: readonly number[]; from: number; to: number; latest: number };
  gaps: readonly { from: number; to: number }[];
  sync: ChartSync;
  describe(step: number): string;
  onSelect(from: number, to: number): void;
  onReset(): void;
  /** A click, at a time and so many pixels below the first row. */
  onPick?(time: number, y: number): void;
  className?: string;
  /** As high as the rows. */
  labels: ReactNode;
  children: ReactNode;
}

const LEAST_PX = 5;
const TICKS = 7;

export function TimeTrack(props: TimeTrackProps) {
  const { label, frame, gaps, sync, describe, onSelect, onReset, onPick, className, labels, children } = props;
  const { from, to } = frame;
  const track = useRef<HTMLDivElement>(null);
  const crosshair = useRef<HTMLDivElement>(null);
  const selection = useRef<HTMLDivElement>(null);
  const anchor = useRef<number>(undefined);
  const part = (time: number) => `${((time - from) / (to - from)) * 100}%`;

  const isSeen = useSeen(track);
  useEffect(() => {
    if (!isSeen) return;
    const show = (time: number | null) => {
      const line = crosshair.current;
      if (line === null) return;
      const isIn = time !== null && time >= from && time <= to;
      line.style.visibility = isIn ? 'visible' : 'hidden';
      // Moved, not placed: nothing is laid out or painted anew for it.
      if (isIn) line.style.transform = `translateX(${((time - from) / (to - from)) * 100}%)`;
    };
    show(sync.time);
    return sync.subscribe(show);
  }, [sync, from, to, isSeen]);

  const showSelection = (one: number, other: number) => {
    const mark = selection.current;
    if (mark === null) return;
    const [begin, end] = [Math.min(one, other), Math.max(one, other)];
    mark.style.display = end > begin ? 'block' : 'none';
    mark.style.left = part(begin);
    mark.style.width = `${((end - begin) / (to - from)) * 100}%`;
  };
  const keyboard = useChartKeys({ label, plot: frame, sync, describe, onSelect, showSelection });

  const timeOf = ({ clientX }: PointerEvent): number => {
    const { left = 0, width = 1 } = track.current?.getBoundingClientRect() ?? {};
    return from + Math.max(0, Math.min(1, (clientX - left) / width)) * (to - from);
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    anchor.current = timeOf(event);
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent) => {
    sync.move(timeOf(event));
    if (anchor.current !== undefined) showSelection(anchor.current, timeOf(event));
  };
  const onPointerUp = (event: PointerEvent) => {
    const begin = anchor.current;
    anchor.current = undefined;
    showSelection(from, from);
    if (begin === undefined) return;
    const end = timeOf(event);
    const width = track.current?.clientWidth ?? 1;
    if ((Math.abs(end - begin) / (to - from)) * width < LEAST_PX) {
      onPick?.(end, event.clientY - (track.current?.getBoundingClientRect().top ?? 0));
      return;
    }
    onSelect(Math.min(begin, end), Math.max(begin, end));
  };
  const { times, distance } = roundTimes(from, to, TICKS);
  return (
    <div className={cx('px-3 text-xs', className)}>
      <div className="flex">
        <div className="w-46 shrink-0">{labels}</div>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: a slider, by what the keyboard gives it. */}
        <div
          ref={track}
          {...keyboard}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerCancel={() => {
            anchor.current = undefined;
            showSelection(from, from);
          }}
          onPointerLeave={() => sync.move(null)}
          onDoubleClick={onReset}
          className="relative min-w-0 flex-1 cursor-crosshair select-none overflow-hidden"
        >
          {gaps.map((gap) => (
            <div
              key={gap.from}
              title="Archon was not running, or could not measure"
              className="absolute inset-y-0 bg-hover"
              style={{ left: part(gap.from), width: `${((gap.to - gap.from) / (to - from)) * 100}%` }}
            />
          ))}
          {children}
          <div
            ref={selection}
            className="pointer-events-none absolute inset-y-0 hidden border-accent-text border-x bg-accent/25"
          />
          {/* As wide as the track, so that a share of itself is a share of the track. */}
          <div
            ref={crosshair}
            className="pointer-events-none invisible absolute inset-0 border-line-strong border-l will-change-transform"
          />
        </div>
      </div>
      <div aria-hidden="true" className="relative ml-46 h-5 overflow-hidden text-[11px] text-faint tabular-nums">
        {tickWords(times, distance).map((words, i) => (
          <span
            key={times[i]}
            className="absolute -translate-x-1/2 whitespace-nowrap"
            style={{ left: part(times[i] ?? from) }}
          >
            {words}
          </span>
        ))}
      </div>
    </div>
  );
}
