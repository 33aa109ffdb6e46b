/** Figures over time: charts of everything that Archon measures of itself. */
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { ChartSync } from '../../../ui/charts/chart-sync.ts';
import { cx } from '../../../ui/classes.ts';
import { ErrorState, Skeleton } from '../../../ui/states.tsx';
import { BreakerTimeline } from './components/BreakerTimeline.tsx';
import { ChartSections } from './components/ChartSections.tsx';
import { ChartTable } from './components/ChartTable.tsx';
import { MetricsChart } from './components/MetricsChart.tsx';
import { MetricsNotices } from './components/MetricsNotices.tsx';
import { FirstFigures, NothingMeasured } from './components/NoFigures.tsx';
import { RangeBar } from './components/RangeBar.tsx';
import { TransitionsTable } from './components/TransitionsTable.tsx';
import { useHiddenLines } from './hooks/use-hidden-lines.ts';
import {
  ARRIVED,
  type RangeHistory,
  useCurrentMetrics,
  useIsOnline,
  useMetricHistory,
} from './hooks/use-metric-history.ts';
import { type MetricsSearchControl, useMetricsSearch } from './hooks/use-metrics-search.ts';
import type { ChartId } from './model/chart-ids.ts';
import { CHARTS, type ChartDefinition } from './model/charts.ts';
import { endsNow, zoomed } from './model/time-range.ts';

/** From the arrival of the figures to the frame in which all charts in sight are drawn. */
const DRAWN = 'archon-metrics-drawn';

export function MetricsView() {
  const control = useMetricsSearch();
  const { search, range, set } = control;
  const isFollowing = endsNow(range) && search.paused !== true;
  const { data, error, isPending, isFetching, isPlaceholderData, refetch } = useMetricHistory(range, isFollowing);
  const current = useCurrentMetrics();
  const isOnline = useIsOnline();
  useDrawnMark(data);
  const sync = useMemo(() => new ChartSync(), []);
  const readNow = () => void Promise.all([refetch(), current.refetch()]);
  return (
    <>
      <RangeBar
        {...control}
        isReading={isFetching}
        step={data?.frame.step}
        onReadNow={readNow}
        read_at_ms={endsNow(range) && !isFollowing ? data?.at_ms : undefined}
      />
      <div className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-3">
        {data !== undefined && (
          <MetricsNotices
            error={error}
            onRetry={readNow}
            read_at_ms={data.at_ms}
            collectors={current.data?.collectors ?? []}
          />
        )}
        {data === undefined ? (
          isPending ? (
            <LoadingCharts />
          ) : (
            <ErrorState error={error} onRetry={readNow} />
          )
        ) : data.frame.measured.includes(true) ? (
          <div
            aria-busy={isPlaceholderData}
            className={cx(
              'flex min-h-0 flex-1 flex-col gap-3 transition-opacity',
              !isOnline && 'opacity-60 grayscale',
              isPlaceholderData && 'opacity-60',
            )}
          >
            <Charts control={control} given={data} isFollowing={isFollowing} sync={sync} />
          </div>
        ) : isPlaceholderData ? (
          <LoadingCharts />
        ) : current.data?.at === null ? (
          <FirstFigures />
        ) : (
          <NothingMeasured onNow={() => set({ range: '1h', from: undefined, to: undefined })} />
        )}
      </div>
      {data !== undefined && <Table control={control} given={data} isFollowing={isFollowing} sync={sync} />}
    </>
  );
}

interface ChartsProps {
  control: MetricsSearchControl;
  given: RangeHistory;
  isFollowing: boolean;
  sync: ChartSync;
}

function Charts({ control: { search, set, goTo }, given, isFollowing, sync }: ChartsProps) {
  const hidden = useHiddenLines();
  const onLarge = useCallback((chart: ChartId | undefined) => set({ chart }), [set]);
  const onTable = useCallback((table: ChartId) => set({ table }), [set]);
  const onSelect = useCallback((from: number, to: number) => goTo(zoomed(from * 1000, to * 1000)), [goTo]);
  const onReset = useCallback(() => goTo(undefined), [goTo]);
  const large = CHARTS.find(({ id }) => id === search.chart);
  useFocusKept(large?.id);
  const render = (chart: ChartDefinition) => {
    const common = { chart, given, sync, isLarge: chart === large, onLarge, onTable, onSelect, onReset };
    if (chart.id === 'breaker_state') return <BreakerTimeline key={chart.id} {...common} isFollowing={isFollowing} />;
    return <MetricsChart key={chart.id} {...common} hidden={hidden.of(chart.id)} onHide={hidden.hide} />;
  };
  if (large !== undefined) return render(large);
  return (
    <ChartSections
      closed={search.closed ?? []}
      onFold={(closed) => set({ closed: closed.length === 0 ? undefined : [...closed] }, { replace: true })}
      render={render}
    />
  );
}

function Table({ control: { search, set }, ...given }: ChartsProps) {
  const chart = CHARTS.find(({ id }) => id === search.table);
  if (chart === undefined) return null;
  const props = { ...given, chart, onClose: () => set({ table: undefined }) };
  return chart.id === 'breaker_state' ? <TransitionsTable {...props} /> : <ChartTable {...props} />;
}

/** A chart that is shown large, or small again, is another one in the page: its button takes the focus that would be lost. */
function useFocusKept(large: ChartId | undefined): void {
  const before = useRef(large);
  useEffect(() => {
    const chart = large ?? before.current;
    if (before.current === large) return;
    before.current = large;
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (isLost) document.querySelector<HTMLElement>(`[data-large="${chart}"]`)?.focus();
  }, [large]);
}

/** As many as fill the window, so that nothing jumps when they come. */
function LoadingCharts() {
  return (
    <div role="status" aria-label="Loading" className="mt-8 grid grid-cols-2 gap-3 max-[1100px]:grid-cols-1">
      {CHARTS.slice(0, 6).map(({ id }) => (
        <Skeleton key={id} className="h-56 rounded-lg" />
      ))}
    </div>
  );
}

/** Tells the browser's own clock when the charts are drawn: charts draw in the same turn, before the next frame. */
function useDrawnMark(data: RangeHistory | undefined): void {
  const before = useRef<RangeHistory>(undefined);
  useEffect(() => {
    if (data === undefined || data === before.current) return;
    before.current = data;
    const frame = requestAnimationFrame(() => {
      if (performance.getEntriesByName(ARRIVED).length === 0) return;
      performance.clearMeasures(DRAWN);
      performance.measure(DRAWN, ARRIVED);
    });
    return () => cancelAnimationFrame(frame);
  }, [data]);
}
