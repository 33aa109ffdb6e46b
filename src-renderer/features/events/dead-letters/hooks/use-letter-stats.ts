import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useGathered } from '../../../../lists/use-gathered.ts';
import { api } from '../../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../../rpc/live-events.ts';
import { tellShownLetters } from './use-letter-list.ts';

const EVERY_MS = 5000;
/** While replays are on their way. */
const SOON_MS = 1500;

/**
 * How many dead letters there are. Asked for again by itself as long as somebody looks: no event tells of a replay that
 * begins, fails or is taken back. What it says anew, the list is read for: `changed_at` moves with any letter, also where
 * the numbers stay.
 */
export function useLetterStats() {
  const query = useQuery(
    api.deadLetters.stats.queryOptions({
      staleTime: 0,
      refetchInterval: ({ state }) => ((state.data?.replaying ?? 0) > 0 ? SOON_MS : EVERY_MS),
    }),
  );
  const { data, refetch } = query;
  const readSoon = useGathered(() => refetch());
  useEvents(({ type }) => {
    if (type.startsWith('event.delivery.')) readSoon();
  });
  useEventGaps(readSoon);
  const before = useRef<string>(undefined);
  useEffect(() => {
    if (data === undefined) return;
    const now = JSON.stringify(data);
    if (before.current !== undefined && before.current !== now) tellShownLetters();
    before.current = now;
  }, [data]);
  return query;
}
