import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Breaker } from '../../../../../src-contract/index.ts';
import { useMorePages, useReadAgain } from '../../../../lists/use-pages.ts';
import { api } from '../../../../rpc/client.ts';

const PAGE = 100;

/**
 * Changes of state, newest first, read on as the reader scrolls; read again when a breaker is in another state than before.
 *
 * @param breaker of this one; without it of all
 */
export function useBreakerHistory(breaker: string | undefined, breakers: readonly Breaker[] | undefined) {
  const query = useInfiniteQuery(
    api.resilience.history.infiniteOptions({
      input: (cursor: string | undefined) => ({
        limit: PAGE,
        ...(breaker === undefined ? {} : { breaker }),
        ...(cursor === undefined ? {} : { cursor }),
      }),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      staleTime: 0,
    }),
  );
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  const states = breakers?.map(({ name, state }) => `${name} ${state.state}`).join();
  useReadAgain(states, api.resilience.history.key());
  return { query, rows, more: useMorePages(query) };
}
