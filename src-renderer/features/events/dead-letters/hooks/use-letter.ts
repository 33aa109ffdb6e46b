import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useGathered } from '../../../../lists/use-gathered.ts';
import { api } from '../../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../../rpc/live-events.ts';
import { tellShownLetters } from './use-letter-list.ts';

/** No event tells of a replay that begins or fails elsewhere. */
const EVERY_MS = 5000;
/** While its subscriber has it. */
const REPLAYING_EVERY_MS = 1000;

/** One dead letter, whole; read again when it changes, and by itself as long as the page is seen. */
export function useLetter(id: string) {
  const query = useQuery(
    api.deadLetters.get.queryOptions({
      input: { id },
      staleTime: 0,
      refetchInterval: ({ state }) => (state.data?.life.state === 'replaying' ? REPLAYING_EVERY_MS : EVERY_MS),
    }),
  );
  const { data, refetch } = query;
  const readSoon = useGathered(() => refetch());
  useEvents(({ type, payload }) => {
    if (type.startsWith('event.delivery.') && payload.delivery_id === id) readSoon();
  });
  useEventGaps(readSoon);
  const state = data?.life.state;
  const before = useRef(state);
  useEffect(() => {
    if (before.current !== undefined && state !== undefined && before.current !== state) tellShownLetters([id]);
    before.current = state;
  }, [state, id]);
  return query;
}
