/** Writes that their store refused, newest first, and what can be done with them. */

import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { toast } from 'sonner';
import type { RefusedWrite } from '../../../../../src-contract/index.ts';
import { useReadOnly } from '../../../../app/read-only.ts';
import { useMorePages, useReadAgain } from '../../../../lists/use-pages.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';

const PAGE = 100;

/** @param count of them, as the journal says: when it moves, they are read again */
export function useRefusedWrites(count: number | undefined) {
  const query = useInfiniteQuery(
    api.journal.refused.infiniteOptions({
      input: (cursor: string | undefined) => ({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      staleTime: 0,
    }),
  );
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  useReadAgain(count, api.journal.refused.key());
  return { query, rows, more: useMorePages(query) };
}

export function useRefusedActions() {
  const queryClient = useQueryClient();
  const blocked = useReadOnly();
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
    blocked,
    retry: ({ id }: RefusedWrite) =>
      during('retry', () => client.journal.retry({ id }), 'The write is queued again: it goes to its store now.'),
    discard: ({ id }: RefusedWrite) =>
      during('discard', () => client.journal.discard({ id }), 'The write is given up for good.'),
  };
}
