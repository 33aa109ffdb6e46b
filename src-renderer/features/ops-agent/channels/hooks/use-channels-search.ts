import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { ChannelsSearch } from '../channels-search.ts';

const route = getRouteApi('/ops-agent/channels');

export interface ChannelsSearchControl {
  search: ChannelsSearch;
  set(patch: { [K in keyof ChannelsSearch]?: ChannelsSearch[K] | undefined }): void;
}

export function useChannelsSearch(): ChannelsSearchControl {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set: ChannelsSearchControl['set'] = useCallback(
    (patch) => {
      void navigate({ search: (before: ChannelsSearch) => ({ ...before, ...patch }) as ChannelsSearch });
    },
    [navigate],
  );
  return { search, set };
}
