import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { MetricsSearch } from '../metrics-search.ts';
import { rangeOf, type Span, type TimeRange } from '../model/time-range.ts';
import { useEngineClock } from './engine-clock.ts';

const route = getRouteApi('/observability/metrics');

export interface MetricsSearchControl {
  search: MetricsSearch;
  range: TimeRange;
  /** Changes members of the URL; `undefined` takes one out. */
  set(patch: { [K in keyof MetricsSearch]?: MetricsSearch[K] | undefined }, options?: { replace?: boolean }): void;
  /** Goes to a span, or back to the named range without one. */
  goTo(span: Span | undefined): void;
}

export function useMetricsSearch(): MetricsSearchControl {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set: MetricsSearchControl['set'] = useCallback(
    (patch, { replace = false } = {}) => {
      void navigate({ search: (before: MetricsSearch) => ({ ...before, ...patch }) as MetricsSearch, replace });
    },
    [navigate],
  );
  const goTo = useCallback(
    (span: Span | undefined) => {
      const iso = (ms: number) => new Date(ms).toISOString();
      set(span === undefined ? { from: undefined, to: undefined } : { from: iso(span.from_ms), to: iso(span.to_ms) });
    },
    [set],
  );
  const { range: name, from, to } = search;
  const ahead_ms = useEngineClock((clock) => clock.ahead_ms);
  const range = useMemo(() => rangeOf({ range: name, from, to }, Date.now() + ahead_ms), [name, from, to, ahead_ms]);
  return { search, range, set, goTo };
}
