import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { WebhooksSearch } from '../webhooks-search.ts';

const route = getRouteApi('/events/webhooks');

export function useWebhooksSearch() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = useCallback(
    (patch: { [K in keyof WebhooksSearch]?: WebhooksSearch[K] | undefined }) => {
      void navigate({ search: (before: WebhooksSearch) => ({ ...before, ...patch }) as WebhooksSearch });
    },
    [navigate],
  );
  return { search, set };
}
