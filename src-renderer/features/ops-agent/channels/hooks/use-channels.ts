import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Inputs } from '../../../../../src-contract/index.ts';
import { useMorePages } from '../../../../lists/use-pages.ts';
import { api } from '../../../../rpc/client.ts';
import { useLive } from '../../views/use-live.ts';

const EVERY_MS = 10_000;
const PAGE = 100;

/** Every channel, and how it does; asked for again as long as somebody looks. */
export const useChannels = () => useQuery(api.opsChannels.list.queryOptions(useLive(EVERY_MS)));

export type DeliveryFilter = Pick<Inputs['opsChannels']['deliveries'], 'channel' | 'alert' | 'states'>;

/** What was sent and is to be sent, newest first; the further somebody has read, the more rarely all is read again. */
export function useDeliveries(filter: DeliveryFilter) {
  const { refetchInterval: every_ms, ...live } = useLive(EVERY_MS);
  const query = useInfiniteQuery(
    api.opsChannels.deliveries.infiniteOptions({
      input: (cursor: string | undefined) => ({ ...filter, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      ...live,
      refetchInterval: ({ state }) => every_ms && every_ms * Math.max(1, state.data?.pages.length ?? 1),
    }),
  );
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  return { query, rows, more: useMorePages(query) };
}
