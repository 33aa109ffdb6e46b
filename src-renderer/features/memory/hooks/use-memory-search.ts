import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { MemorySearch } from '../memory-search.ts';

const route = getRouteApi('/memory');

export interface SearchControl {
  search: MemorySearch;
  /** Changes members of the URL; `undefined` takes one out. Typing should `replace`, so that "back" skips it. */
  set(patch: { [K in keyof MemorySearch]?: MemorySearch[K] | undefined }, options?: { replace?: boolean }): void;
}

export function useMemorySearch(): SearchControl {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set: SearchControl['set'] = useCallback(
    (patch, { replace = false } = {}) => {
      void navigate({ search: (before: MemorySearch) => ({ ...before, ...patch }) as MemorySearch, replace });
    },
    [navigate],
  );
  return { search, set };
}
