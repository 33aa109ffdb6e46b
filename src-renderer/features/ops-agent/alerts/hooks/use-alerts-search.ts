import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { AlertsSearch } from '../alerts-search.ts';

const route = getRouteApi('/ops-agent/alerts');

export interface AlertsSearchControl {
  search: AlertsSearch;
  /** Changes members of the URL; `undefined` takes one out. Typing should `replace`, so that "back" skips it. */
  set(patch: { [K in keyof AlertsSearch]?: AlertsSearch[K] | undefined }, options?: { replace?: boolean }): void;
}

export function useAlertsSearch(): AlertsSearchControl {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set: AlertsSearchControl['set'] = useCallback(
    (patch, { replace = false } = {}) => {
      void navigate({ search: (before: AlertsSearch) => ({ ...before, ...patch }) as AlertsSearch, replace });
    },
    [navigate],
  );
  return { search, set };
}
