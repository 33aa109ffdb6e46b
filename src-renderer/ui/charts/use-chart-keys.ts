/**
 * The keys of a chart: arrows move the crosshair from step to step, with Shift they choose a stretch, Enter zooms to it. It
 * is a slider over the steps, so that screen readers tell the values at each.
 */
import { type HTMLAttributes, type KeyboardEvent, useEffect, useRef } from 'react';
import type { ChartSync } from './chart-sync.ts';
import type { Plot } from './line-plot.ts';

/** Steps that Page Up and Page Down move by. */
const PAGE = 10;

export interface ChartKeysOptions {
  label: string;
  plot: Pick<Plot, 'times' | 'from' | 'to' | 'latest'>;
  sync: ChartSync;
  describe(step: number): string;
  onSelect(from: number, to: number): void;
  showSelection(from: number, to: number): void;
}

/** @returns what makes an element answer to them */
export function useChartKeys({
  label,
  plot,
  sync,
  describe,
  onSelect,
  showSelection,
}: ChartKeysOptions): HTMLAttributes<HTMLElement> {
  const { times, from, to, latest } = plot;
  const last = Math.max(0, times.length - 1);
  const length = times.length === 0 ? 0 : (to - from) / times.length;
  /** Where the stretch begins that is being chosen. */
  const anchor = useRef<number>(undefined);
  const element = useRef<HTMLElement>(null);
  const at = () => {
    if (sync.time === null) return latest;
    return Math.max(0, Math.min(last, Math.floor((sync.time - from) / (length || 1))));
  };
  const tell = useRef<() => void>(() => {});
  tell.current = () => {
    // Only the one that has the keyboard is read out; the others would say the same at every frame.
    if (element.current === null || document.activeElement !== element.current) return;
    element.current.setAttribute('aria-valuenow', String(at()));
    element.current.setAttribute('aria-valuetext', describe(at()));
  };
  useEffect(() => sync.subscribe(() => tell.current()), [sync]);
  // Other figures may stand where the crosshair is.
  useEffect(() => tell.current());

  const clear = () => {
    anchor.current = undefined;
    showSelection(from, from);
  };
  const chosen = (): [number, number] | undefined => {
    if (anchor.current === undefined) return undefined;
    const [first, end] = [Math.min(anchor.current, at()), Math.max(anchor.current, at())];
    return [times[first] ?? from, (times[end] ?? to) + length];
  };
  const go = (step: number, isChoosing: boolean) => {
    if (!isChoosing) clear();
    else anchor.current ??= at();
    const time = times[Math.max(0, Math.min(last, step))];
    // In its middle: which pixel it falls on makes no other step of it.
    if (time !== undefined) sync.move(time + length / 2);
    const stretch = chosen();
    if (stretch !== undefined) showSelection(...stretch);
  };
  const steps: Readonly<Record<string, () => number>> = {
    ArrowLeft: () => at() - (sync.time === null ? 0 : 1),
    ArrowRight: () => at() + 1,
    PageUp: () => at() - PAGE,
    PageDown: () => at() + PAGE,
    Home: () => 0,
    End: () => last,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const stretch = chosen();
    const step = steps[event.key];
    if (step !== undefined) go(step(), event.shiftKey);
    else if (event.key === 'Enter' && stretch !== undefined) {
      clear();
      onSelect(...stretch);
    } else if (event.key === 'Escape' && (stretch !== undefined || sync.time !== null)) {
      clear();
      sync.move(null);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return {
    role: 'slider',
    tabIndex: 0,
    'aria-label': label,
    'aria-orientation': 'horizontal',
    'aria-valuemin': 0,
    'aria-valuemax': last,
    'aria-valuenow': latest,
    'aria-valuetext': times.length === 0 ? 'no figures' : describe(latest),
    onKeyDown,
    onFocus: (event) => {
      element.current = event.currentTarget;
      tell.current();
    },
    onBlur: () => {
      clear();
      element.current = null;
    },
  };
}
