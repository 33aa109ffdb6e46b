import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useMorePages } from '../../../../lists/use-pages.ts';
import { api } from '../../../../rpc/client.ts';
import { isOver } from '../model/alert-words.ts';

const EVERY_MS = 10_000;
/** Of one that is over only notes are to come. */
const OVER_EVERY_MS = 30_000;
const PAGE = 50;

/** One alert, whole. */
export function useAlert(id: string) {
  return useQuery(
    api.opsAlerts.get.queryOptions({
      input: { alert: id },
      staleTime: 0,
      refetchInterval: ({ state }) => (state.data !== undefined && isOver(state.data) ? OVER_EVERY_MS : EVERY_MS),
    }),
  );
}

/** What was sent about it. */
export function useAlertDeliveries(id: string) {
  const query = useInfiniteQuery(
    api.opsChannels.deliveries.infiniteOptions({
      input: (cursor: string | undefined) => ({
        alert: id,
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      }),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      staleTime: 0,
      refetchInterval: EVERY_MS,
    }),
  );
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  return { query, rows, more: useMorePages(query) };
}

/** What was done about it. */
export function useAlertActions(id: string) {
  const query = useInfiniteQuery(
    api.opsActions.list.infiniteOptions({
      input: (cursor: string | undefined) => ({
        alert: id,
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      }),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      staleTime: 0,
      refetchInterval: EVERY_MS,
    }),
  );
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  return { query, rows, more: useMorePages(query) };
}
