import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api } from '../../../../rpc/client.ts';

const EVERY_MS = 15_000;

/** How many events there were in the last hour, minute by minute; read again while the page is looked at. */
export function useEventStats() {
  return useQuery(
    api.events.stats.queryOptions({
      input: { minutes: 60 },
      refetchInterval: EVERY_MS,
      placeholderData: keepPreviousData,
    }),
  );
}
