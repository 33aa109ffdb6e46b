import { type InfiniteData, type QueryClient, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import type { Session } from '../../../../src-contract/index.ts';
import { useGathered } from '../../../lists/use-gathered.ts';
import { api } from '../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';

const PAGE = 100;

/** The user's sessions, last used first, kept up to date. */
export function useSessions(user_id: string) {
  const queryClient = useQueryClient();
  const query = useInfiniteQuery(
    api.sessions.list.infiniteOptions({
      input: (cursor: string | undefined) => ({ user_id, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }),
      initialPageParam: undefined,
      getNextPageParam: (page) => page.next_cursor ?? undefined,
    }),
  );
  const readSoon = useGathered(() => queryClient.invalidateQueries({ queryKey: api.sessions.list.key() }));
  useEvents((event) => {
    if (event.user_id !== user_id) return;
    // Gone at once: what is deleted must not be opened again from the list.
    if (event.type === 'memory.user.erased') drop(queryClient, (session) => session.user_id === user_id);
    if (event.type === 'memory.session.deleted') dropSession(queryClient, String(event.payload.session_id));
    if (/^memory\.(session|message|user)\./.test(event.type)) readSoon();
  });
  useEventGaps(readSoon);
  const sessions: Session[] = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return { query, sessions };
}

type Page = { items: Session[]; next_cursor: string | null };

/** Takes a session out of the lists that were read. */
export function dropSession(queryClient: QueryClient, session_id: string): void {
  drop(queryClient, (session) => session.session_id === session_id);
}

function drop(queryClient: QueryClient, isGone: (session: Session) => boolean): void {
  const queryKey = api.sessions.list.key({ type: 'infinite' });
  queryClient.setQueriesData<InfiniteData<Page>>({ queryKey }, (data) =>
    data === undefined
      ? undefined
      : {
          ...data,
          pages: data.pages.map((page) => ({
            ...page,
            items: page.items.filter((session) => !isGone(session)),
          })),
        },
  );
}
