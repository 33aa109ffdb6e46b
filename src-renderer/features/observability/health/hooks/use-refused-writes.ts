/** Writes that their store refused, newest first, and what can be done with them. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { toast } from 'sonner';
import type { RefusedWrite } from '../../../../../src-contract/index.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';

const PAGE = 100;

/** @param count of them, as the journal says: when it moves, they are read again */
export function useRefusedWrites(count: number | undefined) {
  const queryClient = useQueryClient();
  const query = useInfiniteQuery(
    api.journal.refused.infiniteOptions({
      input: (cursor: string | undefined) => ({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      staleTime: 0,
    }),
  );
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  const before = useRef(count);
  useEffect(() => {
    if (before.current === count) return;
    before.current = count;
    void queryClient.invalidateQueries({ queryKey: api.journal.refused.key() });
  }, [count, queryClient]);
  const { fetchNextPage, isFetching, isFetchNextPageError } = query;
  const retry = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  const load = useCallback(() => {
    if (!isFetching && !isFetchNextPageError) retry();
  }, [isFetching, isFetchNextPageError, retry]);
  return { query, rows, load, retry };
}

export function useRefusedActions() {
  const queryClient = useQueryClient();
  const [busy, setBusy] = useState<'retry' | 'discard'>();
  /** @returns whether it is done */
  const during = async (what: 'retry' | 'discard', work: () => Promise<unknown>, done: string): Promise<boolean> => {
    setBusy(what);
    try {
      await work();
      toast.success(done);
      return true;
    } catch (error) {
      toast.error(problemOf(error).message);
      return false;
    } finally {
      // Also when it failed: somebody else may have been faster. What is done is not offered again until it is read.
      const reread = queryClient.invalidateQueries({ queryKey: api.journal.key() });
      void reread.then(() => setBusy(undefined));
      void queryClient.invalidateQueries({ queryKey: api.app.status.key() });
    }
  };
  return {
    busy,
    retry: ({ id }: RefusedWrite) =>
      during('retry', () => client.journal.retry({ id }), 'The write is queued again: it goes to its store now.'),
    discard: ({ id }: RefusedWrite) =>
      during('discard', () => client.journal.discard({ id }), 'The write is given up for good.'),
  };
}
