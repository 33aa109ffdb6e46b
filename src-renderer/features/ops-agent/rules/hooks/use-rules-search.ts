import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { RulesSearch } from '../rules-search.ts';

const route = getRouteApi('/ops-agent/rules');

export interface RulesSearchControl {
  search: RulesSearch;
  set(patch: { [K in keyof RulesSearch]?: RulesSearch[K] | undefined }, options?: { replace?: boolean }): void;
}

export function useRulesSearch(): RulesSearchControl {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set: RulesSearchControl['set'] = useCallback(
    (patch, { replace = false } = {}) => {
      void navigate({ search: (before: RulesSearch) => ({ ...before, ...patch }) as RulesSearch, replace });
    },
    [navigate],
  );
  return { search, set };
}
