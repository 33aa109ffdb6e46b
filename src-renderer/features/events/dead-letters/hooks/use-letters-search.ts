import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { DeadLettersSearch } from '../dead-letters-search.ts';

const route = getRouteApi('/events/dead-letters');

export interface SearchControl {
  search: DeadLettersSearch;
  /** Changes members of the URL; `undefined` takes one out. Typing should `replace`, so that "back" skips it. */
  set(
    patch: { [K in keyof DeadLettersSearch]?: DeadLettersSearch[K] | undefined },
    options?: { replace?: boolean },
  ): void;
}

export function useLettersSearch(): SearchControl {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set: SearchControl['set'] = useCallback(
    (patch, { replace = false } = {}) => {
      void navigate({ search: (before: DeadLettersSearch) => ({ ...before, ...patch }) as DeadLettersSearch, replace });
    },
    [navigate],
  );
  return { search, set };
}
