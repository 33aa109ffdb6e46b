/** Lines over time on a canvas, with a crosshair that all charts of the page share; a stretch can be chosen on it. */
import 'uplot/dist/uPlot.min.css';
import './charts.css';
import { type RefObject, useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { useTheme } from '../../app/theme.ts';
import { cx } from '../classes.ts';
import type { ChartSync } from './chart-sync.ts';
import { readTheme } from './chart-theme.ts';
import { columnsOf, type Plot, plotData, plotOptions } from './line-plot.ts';
import { useChartKeys } from './use-chart-keys.ts';
import { useSeen } from './use-seen.ts';

export interface LineChartProps {
  /** What it shows, for who does not see it. */
  label: string;
  plot: Plot;
  /** Keys of lines that are left out. */
  hidden: ReadonlySet<string>;
  sync: ChartSync;
  /** The values at a step in words. */
  describe(step: number): string;
  /** A stretch was chosen, in seconds since the epoch. */
  onSelect(from: number, to: number): void;
  /** With a double click. */
  onReset(): void;
  className?: string;
}

/** A stretch that is shorter is a click. */
const LEAST_PX = 5;
const AWAY = { left: -10, top: -10 };

export function LineChart({ label, plot, hidden, sync, describe, onSelect, onReset, className }: LineChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  // What is drawn next; the plot itself stays the same while figures come.
  const current = useRef({ plot, hidden, onSelect, onReset });
  current.current = { plot, hidden, onSelect, onReset };
  const theme = useTheme(({ shown }) => shown);
  const isSeen = useSeen(place);
  const columns = plot.lines.map(({ key, range }) => (range === null ? key : `${key} with a band`)).join();

  // biome-ignore lint/correctness/useExhaustiveDependencies: other lines and another theme make another plot.
  useEffect(() => {
    const element = place.current;
    if (element === null || !isSeen) return;
    const made = create(element, current, sync);
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize(sizeOf(element)));
    observer.observe(element);
    const stop = sync.subscribe((time) => showCrosshair(made, time));
    return () => {
      stop();
      observer.disconnect();
      chart.current = undefined;
      made.destroy();
    };
  }, [isSeen, columns, theme, sync]);

  useEffect(() => {
    const made = chart.current;
    if (made === undefined) return;
    made.batch(() => {
      made.setData(plotData(plot), true);
      showCrosshair(made, sync.time);
    });
  }, [plot, sync]);

  useEffect(() => {
    const made = chart.current;
    if (made === undefined) return;
    made.batch(() => {
      const { lines } = current.current.plot;
      for (const [i, own] of columnsOf(lines).entries()) {
        const show = !hidden.has(lines[i]?.key ?? '');
        for (const column of own) if (made.series[column]?.show !== show) made.setSeries(column, { show });
      }
    });
  }, [hidden]);

  const keyboard = useChartKeys({
    label,
    plot,
    sync,
    describe,
    onSelect,
    showSelection: (from, to) => mark(chart, from, to),
  });
  return (
    <div ref={place} {...keyboard} className={cx('relative min-w-0 overflow-hidden [contain:strict]', className)} />
  );
}

type Current = RefObject<{
  plot: Plot;
  hidden: ReadonlySet<string>;
  onSelect(from: number, to: number): void;
  onReset(): void;
}>;

const sizeOf = ({ clientWidth, clientHeight }: HTMLElement) => ({ width: clientWidth, height: clientHeight });

function create(element: HTMLElement, current: Current, sync: ChartSync): uPlot {
  const options = plotOptions(
    () => current.current.plot,
    readTheme(),
    sizeOf(element),
    (key) => !current.current.hidden.has(key),
  );
  return new uPlot(
    {
      ...options,
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: LEAST_PX },
        bind: {
          dblclick: () => () => {
            current.current.onReset();
            return null;
          },
        },
      },
      hooks: {
        ...options.hooks,
        setCursor: [(u) => sync.move(pointedAt(u))],
        setSelect: [
          (u) => {
            const { left, width } = u.select;
            if (width < LEAST_PX) return;
            const [from, to] = [u.posToVal(left, 'x'), u.posToVal(left + width, 'x')];
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            current.current.onSelect(from, to);
          },
        ],
      },
    },
    plotData(current.current.plot),
    element,
  );
}

function pointedAt(u: uPlot): number | null {
  const { left = AWAY.left } = u.cursor;
  return left < 0 ? null : u.posToVal(left, 'x');
}

function showCrosshair(u: uPlot, time: number | null): void {
  const left = time === null ? AWAY.left : u.valToPos(time, 'x');
  if (Math.abs((u.cursor.left ?? AWAY.left) - left) < 0.5) return;
  u.setCursor(time === null ? AWAY : { left, top: 0 }, false);
}

/** Shows what the keyboard has chosen so far. */
function mark(chart: RefObject<uPlot | undefined>, from: number, to: number): void {
  const u = chart.current;
  if (u === undefined) return;
  const [left, right] = [u.valToPos(from, 'x'), u.valToPos(to, 'x')];
  u.setSelect({ left, top: 0, width: Math.max(0, right - left), height: u.over.clientHeight }, false);
}
