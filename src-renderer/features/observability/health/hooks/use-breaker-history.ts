import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import type { Breaker } from '../../../../../src-contract/index.ts';
import { api } from '../../../../rpc/client.ts';

const PAGE = 100;

/**
 * Changes of state, newest first, read on as the reader scrolls; read again when a breaker is in another state than before.
 *
 * @param breaker of this one; without it of all
 */
export function useBreakerHistory(breaker: string | undefined, breakers: readonly Breaker[] | undefined) {
  const queryClient = useQueryClient();
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
  const before = useRef(states);
  useEffect(() => {
    if (before.current === states) return;
    before.current = states;
    void queryClient.invalidateQueries({ queryKey: api.resilience.history.key() });
  }, [states, queryClient]);
  const { fetchNextPage, isFetching, isFetchNextPageError } = query;
  const retry = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  const load = useCallback(() => {
    if (!isFetching && !isFetchNextPageError) retry();
  }, [isFetching, isFetchNextPageError, retry]);
  return { query, rows, load, retry };
}
