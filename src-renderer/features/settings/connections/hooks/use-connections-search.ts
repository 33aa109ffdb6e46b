import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { ConnectionsSearch } from '../connections-search.ts';

const route = getRouteApi('/settings/connections');

export function useConnectionsSearch() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = useCallback(
    (patch: { [K in keyof ConnectionsSearch]: ConnectionsSearch[K] | undefined }) => {
      void navigate({ search: (before: ConnectionsSearch) => ({ ...before, ...patch }) as ConnectionsSearch });
    },
    [navigate],
  );
  return { search, set };
}
