/** The figures of a range, kept up to date while it ends now and somebody looks at the page. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { METRIC_SERIES_NAMES, type MetricHistory } from '../../../../../src-contract/metrics.ts';
import { api, client } from '../../../../rpc/client.ts';
import { useConnection } from '../../../../rpc/connection.ts';
import { type Frame, frameOf } from '../model/chart-data.ts';
import { endsNow, every_ms, spanOf, type TimeRange } from '../model/time-range.ts';

/** Of each line; more than a chart has pixels would not be seen. */
const MOST_POINTS = 1000;
const CURRENT_EVERY_MS = 10_000;
/** While nothing was measured yet. */
const FIRST_EVERY_MS = 2000;

/** Marks of the browser's own clock, for whoever measures how fast the charts are. */
export const ARRIVED = 'archon-metrics-arrived';

export interface RangeHistory {
  history: MetricHistory;
  frame: Frame;
  /** When it was read. */
  at_ms: number;
}

export const useIsOnline = (): boolean => useConnection(({ state }) => state.phase === 'open');

export function useMetricHistory(range: TimeRange, isFollowing: boolean) {
  const isOnline = useIsOnline();
  return useQuery({
    queryKey: [...api.metrics.series.key(), range],
    queryFn: async ({ signal }): Promise<RangeHistory> => {
      const at_ms = Date.now();
      const { from_ms, to_ms } = spanOf(range, at_ms);
      const history = await client.metrics.series(
        {
          names: METRIC_SERIES_NAMES,
          from: new Date(from_ms).toISOString(),
          // Without an end it is now by the clock of the engine.
          ...(endsNow(range) ? {} : { to: new Date(to_ms).toISOString() }),
          max_points: MOST_POINTS,
        },
        { signal },
      );
      performance.clearMarks(ARRIVED);
      performance.mark(ARRIVED);
      return { history, frame: frameOf(history, Date.now()), at_ms };
    },
    // Half a megabyte is not compared number by number.
    structuralSharing: false,
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchOnWindowFocus: isFollowing,
    refetchInterval: ({ state }) => (isFollowing && isOnline ? nextRead_ms(state.data) : false),
  });
}

function nextRead_ms(data: RangeHistory | undefined): number {
  if (data === undefined) return CURRENT_EVERY_MS;
  return data.frame.measured.includes(true) ? every_ms(data.frame.step) : FIRST_EVERY_MS;
}

/** Which figures cannot be asked for now, and whether there are any at all. */
export function useCurrentMetrics() {
  const isOnline = useIsOnline();
  return useQuery(
    api.metrics.current.queryOptions({ staleTime: 0, refetchInterval: isOnline ? CURRENT_EVERY_MS : false }),
  );
}
