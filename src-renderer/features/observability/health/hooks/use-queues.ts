/** What waits, asked for while the health page is open: the database counts it, so no more often than every two seconds. */
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api } from '../../../../rpc/client.ts';
import { useConnection } from '../../../../rpc/connection.ts';
import { paceOf, useWatchPace } from './watch-pace.ts';

const LEAST_MS = 2000;

export function useQueues() {
  const pace = useWatchPace(paceOf);
  const isOnline = useConnection(({ state }) => state.phase === 'open');
  const options = {
    enabled: isOnline,
    staleTime: 0,
    retry: false,
    refetchInterval: pace === false ? (false as const) : Math.max(LEAST_MS, pace),
    refetchOnWindowFocus: pace !== false,
  };
  const letters = useQuery(api.deadLetters.stats.queryOptions(options));
  const subscribers = useQuery(api.subscribers.list.queryOptions(options));
  const events = useQuery(api.events.stats.queryOptions({ input: { minutes: 1 }, ...options }));
  const [readLetters, readSubscribers, readEvents] = [letters.refetch, subscribers.refetch, events.refetch];
  const readNow = useCallback(
    () => Promise.all([readLetters, readSubscribers, readEvents].map((read) => read({ cancelRefetch: false }))),
    [readLetters, readSubscribers, readEvents],
  );
  return { letters, subscribers, events, readNow };
}
export type Queues = ReturnType<typeof useQueues>;
