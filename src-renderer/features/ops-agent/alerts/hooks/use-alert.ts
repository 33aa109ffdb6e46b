import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useMorePages } from '../../../../lists/use-pages.ts';
import { api } from '../../../../rpc/client.ts';
import { useLive } from '../../views/use-live.ts';
import { isOver } from '../model/alert-words.ts';

const EVERY_MS = 10_000;
/** Of one that is over only notes are to come. */
const OVER_EVERY_MS = 30_000;
const PAGE = 50;

/** One alert, whole. */
export function useAlert(id: string) {
  const { refetchInterval: every_ms, ...live } = useLive(EVERY_MS);
  return useQuery(
    api.opsAlerts.get.queryOptions({
      input: { alert: id },
      ...live,
      refetchInterval: ({ state }) =>
        every_ms && (state.data !== undefined && isOver(state.data) ? OVER_EVERY_MS : every_ms),
    }),
  );
}

/** What was sent about it. */
export function useAlertDeliveries(id: string) {
  const live = useLive(EVERY_MS);
  const query = useInfiniteQuery(
    api.opsChannels.deliveries.infiniteOptions({
      input: (cursor: string | undefined) => ({
        alert: id,
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      }),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      ...live,
    }),
  );
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  return { query, rows, more: useMorePages(query) };
}

/** What was done about it. */
export function useAlertActions(id: string) {
  const live = useLive(EVERY_MS);
  const query = useInfiniteQuery(
    api.opsActions.list.infiniteOptions({
      input: (cursor: string | undefined) => ({
        alert: id,
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      }),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      ...live,
    }),
  );
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  return { query, rows, more: useMorePages(query) };
}
