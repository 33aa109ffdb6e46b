import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api } from '../../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../../rpc/live-events.ts';
import { useGathered } from '../../../memory/hooks/use-gathered.ts';
import { tellShownLetters } from './use-letter-list.ts';

const EVERY_MS = 1000;

/** One dead letter, whole; read again when it changes, and every second while its subscriber has it. */
export function useLetter(id: string) {
  const query = useQuery(
    api.deadLetters.get.queryOptions({
      input: { id },
      staleTime: 0,
      refetchInterval: ({ state }) => (state.data?.life.state === 'replaying' ? EVERY_MS : false),
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
