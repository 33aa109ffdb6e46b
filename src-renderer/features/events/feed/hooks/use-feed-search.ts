import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { FeedSearch } from '../feed-search.ts';

const route = getRouteApi('/events/');

export interface FeedSearchControl {
  search: FeedSearch;
  /** Changes members of the URL; `undefined` takes one out. Typing should `replace`, so that "back" skips it. */
  set(patch: { [K in keyof FeedSearch]?: FeedSearch[K] | undefined }, options?: { replace?: boolean }): void;
}

export function useFeedSearch(): FeedSearchControl {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set: FeedSearchControl['set'] = useCallback(
    (patch, { replace = false } = {}) => {
      void navigate({ search: (before: FeedSearch) => ({ ...before, ...patch }) as FeedSearch, replace });
    },
    [navigate],
  );
  return { search, set };
}
