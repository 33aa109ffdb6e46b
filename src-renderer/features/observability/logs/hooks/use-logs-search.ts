import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { LogsSearch } from '../logs-search.ts';

const route = getRouteApi('/observability/logs');

export interface LogsSearchControl {
  search: LogsSearch;
  /** Changes members of the URL; `undefined` takes one out. Typing should `replace`, so that "back" skips it. */
  set(patch: { [K in keyof LogsSearch]?: LogsSearch[K] | undefined }, options?: { replace?: boolean }): void;
}

export function useLogsSearch(): LogsSearchControl {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set: LogsSearchControl['set'] = useCallback(
    (patch, { replace = false } = {}) => {
      void navigate({ search: (before: LogsSearch) => ({ ...before, ...patch }) as LogsSearch, replace });
    },
    [navigate],
  );
  return { search, set };
}
