/** Alerts as lists. No event tells of them: they are asked for again by themselves, as long as somebody looks. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { OpsAlert } from '../../../../../src-contract/index.ts';
import { useMorePages } from '../../../../lists/use-pages.ts';
import { api, client } from '../../../../rpc/client.ts';
import type { AlertInput } from '../model/alert-filter.ts';

const PAGE = 100;
const EVERY_MS = 10_000;

/** Newest first, read on as the reader scrolls; the further they have read, the more rarely all of it is read again. */
export function useAlertList(input: AlertInput) {
  const query = useInfiniteQuery(
    api.opsAlerts.list.infiniteOptions({
      input: (cursor: string | undefined) => ({ ...input, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      staleTime: 0,
      refetchInterval: ({ state }) => EVERY_MS * Math.max(1, state.data?.pages.length ?? 1),
    }),
  );
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  return { query, rows, active: query.data?.pages.at(-1)?.active, more: useMorePages(query) };
}

/** At most so many are kept. */
const MOST = 10_000;
const MOST_OF_A_PAGE = 500;
const ALL_EVERY_MS = 60_000;

export interface AllAlerts {
  alerts: readonly OpsAlert[];
  /** There are more, and older. */
  isCut: boolean;
}

/**
 * All of them, for a picture of the whole.
 *
 * @param newest the first of the list: with another one the picture is another, too
 */
export function useAllAlerts(input: AlertInput, newest: string | undefined) {
  return useQuery({
    queryKey: [...api.opsAlerts.list.key({ type: 'query', input }), 'all', newest],
    queryFn: ({ signal }) => readAll(input, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ALL_EVERY_MS,
  });
}

async function readAll(input: AlertInput, signal: AbortSignal): Promise<AllAlerts> {
  const alerts: OpsAlert[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.opsAlerts.list(
      { ...input, limit: MOST_OF_A_PAGE, ...(cursor === undefined ? {} : { cursor }) },
      { signal },
    );
    alerts.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && alerts.length < MOST);
  return { alerts, isCut: cursor !== undefined };
}
