import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, client } from '../../../../rpc/client.ts';
import { readTransitions, type Transitions } from '../model/transitions.ts';
import { useIsOnline, useReadOnReturn } from './use-metric-history.ts';

const PAGE = 500;
const EVERY_MS = 10_000;
/** The beginning of a range moves with every step; what is read does not. */
const SINCE_SECONDS = 3600;

/** Changes of the breakers since a time, or a little before it. */
export function useTransitions(from: number, isFollowing: boolean) {
  const isOnline = useIsOnline();
  const queries = useQueryClient();
  const since = Math.floor(from / SINCE_SECONDS) * SINCE_SECONDS;
  const queryKey = [...api.resilience.history.key(), 'since', since];
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      readTransitions(
        since,
        (cursor) => client.resilience.history({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
        queries.getQueryData<Transitions>(queryKey),
      ),
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchInterval: isFollowing && isOnline ? EVERY_MS : false,
  });
  useReadOnReturn(isFollowing, query.refetch);
  return query;
}

/** Services that this process has; undefined while that is not known. */
export function useServicesInUse(): ReadonlySet<string> | undefined {
  const { data } = useQuery(api.resilience.list.queryOptions());
  return data && new Set(data.items.filter(({ in_use }) => in_use).map(({ name }) => name));
}
