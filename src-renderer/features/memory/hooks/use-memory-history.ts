import { useQuery } from '@tanstack/react-query';
import { api } from '../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';

/** A memory with its revisions, chain and links; read again when any of it changes. */
export function useMemoryHistory(memory_id: string) {
  const query = useQuery(api.memories.history.queryOptions({ input: { id: memory_id } }));
  const refetch = query.refetch;
  useEvents(({ type, payload }) => {
    const ids = [payload.memory_id, payload.from_id, payload.to_id, payload.superseded_by];
    if (ids.includes(memory_id) && type.startsWith('memory.')) void refetch();
  });
  useEventGaps(() => void refetch());
  return query;
}
