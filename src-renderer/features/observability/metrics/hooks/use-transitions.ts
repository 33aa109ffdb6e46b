import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { BreakerTransition } from '../../../../../src-contract/resilience.ts';
import { api, client } from '../../../../rpc/client.ts';
import { useIsOnline } from './use-metric-history.ts';

const PAGE = 500;
const EVERY_MS = 10_000;

/**
 * Changes of the breakers since a time, newest first, and what lies before it on the last page: that tells how they were
 * when the time began.
 */
export function useTransitions(from: number | undefined, isFollowing: boolean) {
  const isOnline = useIsOnline();
  // The beginning of a range moves with every step; what is read does not.
  const since = from === undefined ? undefined : Math.floor(from / 3600) * 3600;
  return useQuery({
    queryKey: [...api.resilience.history.key(), 'since', since],
    enabled: since !== undefined,
    queryFn: ({ signal }) => readSince(since ?? 0, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchInterval: isFollowing && isOnline ? EVERY_MS : false,
  });
}

async function readSince(since: number, signal: AbortSignal): Promise<BreakerTransition[]> {
  const changes: BreakerTransition[] = [];
  let cursor: string | undefined;
  // The engine keeps 1,000 of each breaker: there is an end.
  for (;;) {
    const page = await client.resilience.history(
      { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) },
      { signal },
    );
    changes.push(...page.items);
    const oldest = page.items.at(-1);
    if (page.next_cursor === null || oldest === undefined || Date.parse(oldest.at) / 1000 < since) return changes;
    cursor = page.next_cursor;
  }
}

/** Services that this process has; undefined while that is not known. */
export function useServicesInUse(): ReadonlySet<string> | undefined {
  const { data } = useQuery(api.resilience.list.queryOptions());
  return data && new Set(data.items.filter(({ in_use }) => in_use).map(({ name }) => name));
}
