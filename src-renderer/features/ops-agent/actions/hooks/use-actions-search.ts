import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { ActionsSearch } from '../actions-search.ts';

const route = getRouteApi('/ops-agent/actions');

export interface ActionsSearchControl {
  search: ActionsSearch;
  /** Changes members of the URL; `undefined` takes one out. */
  set(patch: { [K in keyof ActionsSearch]?: ActionsSearch[K] | undefined }): void;
}

export function useActionsSearch(): ActionsSearchControl {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set: ActionsSearchControl['set'] = useCallback(
    (patch) => void navigate({ search: (before: ActionsSearch) => ({ ...before, ...patch }) as ActionsSearch }),
    [navigate],
  );
  return { search, set };
}
