/** A list that is a query of pages: read on as the reader scrolls, read again when there is a reason to. */
import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';

/** What is needed of an infinite query. */
export interface PagesQuery {
  data: { pages: readonly unknown[] } | undefined;
  hasNextPage: boolean;
  isFetching: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage(options: { cancelRefetch: boolean }): Promise<unknown>;
}

/** What a list asks for more with. */
export interface MorePages {
  hasMore: boolean;
  isLoading: boolean;
  isFailed: boolean;
  load(): void;
  retry(): void;
}

export function useMorePages(query: PagesQuery): MorePages {
  const { data, hasNextPage, isFetching, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  const retry = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  // Another function after each page: one without a row for a filter leads on to the next. It is another as well after
  // pages were read again: what was asked for meanwhile is not under way.
  const count = data?.pages.length ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the count of pages makes it another, too.
  const load = useCallback(() => {
    if (!isFetching && !isFetchNextPageError) retry();
  }, [isFetching, isFetchNextPageError, retry, count]);
  return { hasMore: hasNextPage, isLoading: isFetchingNextPage, isFailed: isFetchNextPageError, load, retry };
}

/** Has queries read again whenever what was seen elsewhere is not what it was. */
export function useReadAgain(seen: string | number | undefined, queryKey: QueryKey): void {
  const queryClient = useQueryClient();
  const before = useRef(seen);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is made anew each time.
  useEffect(() => {
    if (before.current === seen) return;
    before.current = seen;
    void queryClient.invalidateQueries({ queryKey });
  }, [seen, queryClient]);
}
