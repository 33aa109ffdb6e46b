import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { MemorySearch } from '../memory-search.ts';

const PATH = '/memory';
const route = getRouteApi(PATH);

export interface SearchControl {
  search: MemorySearch;
  /** Changes members of the URL; `undefined` takes one out. Typing should `replace`, so that "back" skips it. */
  set(patch: { [K in keyof MemorySearch]?: MemorySearch[K] | undefined }, options?: { replace?: boolean }): void;
}

export function useMemorySearch(): SearchControl {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { history } = useRouter();
  const set: SearchControl['set'] = useCallback(
    (patch, { replace = false } = {}) => {
      // What the page chooses by itself must not take back a person who is on the way to another page.
      if (history.location.pathname !== PATH) return;
      void navigate({ search: (before: MemorySearch) => ({ ...before, ...patch }) as MemorySearch, replace });
    },
    [navigate, history],
  );
  return { search, set };
}
