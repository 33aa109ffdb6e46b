/** Comparisons, read again while one is at work, and the differences of one, page by page. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ComparedLayer, Difference, DifferenceKind } from '../../../../../src-contract/index.ts';
import { useMorePages } from '../../../../lists/use-pages.ts';
import { api, client } from '../../../../rpc/client.ts';

const EVERY_MS = 400;
const PAGE = 100;

export interface DifferenceSearch {
  kind?: DifferenceKind | undefined;
  layer?: ComparedLayer | undefined;
  user_id?: string | undefined;
}

export function useComparisons() {
  return useQuery(
    api.offline.comparisons.queryOptions({
      staleTime: 0,
      refetchInterval: ({ state }) =>
        state.data?.items.some((comparison) => comparison.state === 'running') ? EVERY_MS : false,
    }),
  );
}

const inputOf = (comparison_id: string, { kind, layer, user_id }: DifferenceSearch, cursor: string | undefined) => ({
  comparison_id,
  limit: PAGE,
  ...(kind ? { kind } : {}),
  ...(layer ? { layer } : {}),
  ...(user_id ? { user_id } : {}),
  ...(cursor ? { cursor } : {}),
});

export function useDifferences(comparison_id: string, search: DifferenceSearch) {
  const query = useInfiniteQuery(
    api.offline.differences.infiniteOptions({
      input: (cursor: string | undefined) => inputOf(comparison_id, search, cursor),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      // What a comparison found does not change.
      staleTime: Number.POSITIVE_INFINITY,
    }),
  );
  const items = useMemo(
    () =>
      query.data?.pages.flatMap((page) => page.items).map((one) => ({ ...one, id: keyOf(one), record_id: one.id })) ??
      [],
    [query.data],
  );
  return { query, items, more: useMorePages(query) };
}

/** A difference as a row: ids of messages are unlike only within their session. */
export type DifferenceRow = Difference & { record_id: string };
const keyOf = ({ layer, session_id, id }: Difference): string => JSON.stringify([layer, session_id, id]);

/** At most so many of those that match, to be saved. */
export async function readDifferences(
  comparison_id: string,
  search: DifferenceSearch,
  most: number,
): Promise<Difference[]> {
  const found: Difference[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.offline.differences(inputOf(comparison_id, search, cursor));
    found.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && found.length < most);
  return found.slice(0, most);
}
