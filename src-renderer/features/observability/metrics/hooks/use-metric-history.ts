/** The figures of a range, kept up to date while it ends now and somebody looks at the page. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { METRIC_SERIES_NAMES, type MetricHistory } from '../../../../../src-contract/metrics.ts';
import { api, client } from '../../../../rpc/client.ts';
import { useConnection } from '../../../../rpc/connection.ts';
import { type Frame, frameOf } from '../model/chart-data.ts';
import { askedOf, every_ms, type TimeRange } from '../model/time-range.ts';
import { engineNow, useEngineClock } from './engine-clock.ts';

/** Of each line; more than a chart has pixels would not be seen. */
const MOST_POINTS = 1000;
const CURRENT_EVERY_MS = 10_000;
/** While nothing was measured yet. */
const FIRST_EVERY_MS = 2000;
/** A range that nobody looks at any more: each is a megabyte. */
const KEPT_MS = 60_000;

/** Marks of the browser's own clock, for whoever measures how fast the charts are. */
export const ARRIVED = 'archon-metrics-arrived';

export interface RangeHistory {
  history: MetricHistory;
  frame: Frame;
  /** When it was read, by the clock of this computer. */
  at_ms: number;
}

export const useIsOnline = (): boolean => useConnection(({ state }) => state.phase === 'open');

export function useMetricHistory(range: TimeRange, isFollowing: boolean) {
  const isOnline = useIsOnline();
  const query = useQuery({
    queryKey: [...api.metrics.series.key(), range],
    queryFn: async ({ signal }): Promise<RangeHistory> => {
      const history = await client.metrics.series(
        { names: METRIC_SERIES_NAMES, ...askedOf(range), max_points: MOST_POINTS },
        { signal },
      );
      useEngineClock.getState().heard(history.at);
      performance.clearMarks(ARRIVED);
      performance.mark(ARRIVED);
      return { history, frame: frameOf(history, engineNow()), at_ms: Date.now() };
    },
    // Half a megabyte is not compared number by number.
    structuralSharing: false,
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: KEPT_MS,
    refetchOnWindowFocus: isFollowing,
    refetchInterval: ({ state }) => (isFollowing && isOnline ? nextRead_ms(state.data) : false),
  });
  useReadOnReturn(isFollowing, query.refetch);
  return query;
}

/** What follows is read as soon as Archon is back, and not when it would have been the turn. */
export function useReadOnReturn(isFollowing: boolean, read: () => unknown): void {
  const isOnline = useIsOnline();
  const before = useRef(isOnline);
  useEffect(() => {
    if (isOnline && !before.current && isFollowing) read();
    before.current = isOnline;
  }, [isOnline, isFollowing, read]);
}

function nextRead_ms(data: RangeHistory | undefined): number {
  if (data === undefined) return CURRENT_EVERY_MS;
  return data.frame.measured.includes(true) ? every_ms(data.frame.step) : FIRST_EVERY_MS;
}

/** Which figures cannot be asked for now, and whether there are any at all. */
export function useCurrentMetrics() {
  const isOnline = useIsOnline();
  const query = useQuery(
    api.metrics.current.queryOptions({ staleTime: 0, refetchInterval: isOnline ? CURRENT_EVERY_MS : false }),
  );
  useReadOnReturn(true, query.refetch);
  return query;
}
