import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Session } from '../../../../src-contract/index.ts';
import { api } from '../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';

const PAGE = 100;
const GATHER_MS = 300;

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
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const readSoon = () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void queryClient.invalidateQueries({ queryKey: api.sessions.list.key() });
    }, GATHER_MS);
  };
  useEvents((event) => {
    if (event.user_id === user_id && /^memory\.(session|message)\./.test(event.type)) readSoon();
  });
  useEventGaps(readSoon);
  const sessions: Session[] = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return { query, sessions };
}
