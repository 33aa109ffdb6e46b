/** Users with any memory, page by page, and those that were looked at last first. */
import { keepPreviousData, useInfiniteQuery, useQueries } from '@tanstack/react-query';
import type { MemoryUser } from '../../../../src-contract/index.ts';
import { api } from '../../../rpc/client.ts';

const PAGE = 50;
/** Users whose id holds that of a recent one: enough to find it among them, for they come by id. */
const NAMESAKES = 500;

/** @param search part of a user's id; empty for all */
export function useUsers(search: string) {
  return useInfiniteQuery({
    ...api.memories.users.infiniteOptions({
      input: (cursor: string | undefined) => ({
        limit: PAGE,
        ...(search === '' ? {} : { search }),
        ...(cursor === undefined ? {} : { cursor }),
      }),
      initialPageParam: undefined,
      getNextPageParam: (page) => page.next_cursor ?? undefined,
    }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
}

/** What is known of each of these users, in their order; those who have no memory any more are left out. */
export function useNamedUsers(user_ids: readonly string[]): { users: MemoryUser[]; isPending: boolean } {
  return useQueries({
    queries: user_ids.map((user_id) =>
      api.memories.users.queryOptions({ input: { search: user_id, limit: NAMESAKES } }),
    ),
    combine: (results) => ({
      users: results.flatMap(({ data }, at) => data?.items.find((user) => user.user_id === user_ids[at]) ?? []),
      isPending: results.some(({ isPending }) => isPending),
    }),
  });
}
