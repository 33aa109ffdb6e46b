import { useCallback, useState } from 'react';
import type { ChartId } from '../model/chart-ids.ts';

const NONE: ReadonlySet<string> = new Set();

export interface HiddenLines {
  of(chart: ChartId): ReadonlySet<string>;
  hide(chart: ChartId, keys: ReadonlySet<string>): void;
}

/** Lines that a person left out, of each chart: they stay so when it is shown large and small again. */
export function useHiddenLines(): HiddenLines {
  const [hidden, setHidden] = useState<ReadonlyMap<ChartId, ReadonlySet<string>>>(new Map());
  const of = useCallback((chart: ChartId) => hidden.get(chart) ?? NONE, [hidden]);
  const hide = useCallback((chart: ChartId, keys: ReadonlySet<string>) => {
    setHidden((before) => new Map(before).set(chart, keys));
  }, []);
  return { of, hide };
}
