import { useQuery } from '@tanstack/react-query';
import { useGathered } from '../../../lists/use-gathered.ts';
import { api } from '../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';

/** A memory with its revisions, chain and links; read again, soon and once for many events, when any of it changes. */
export function useMemoryHistory(memory_id: string) {
  const query = useQuery(api.memories.history.queryOptions({ input: { id: memory_id } }));
  const { refetch, isFetching } = query;
  const readSoon = useGathered(async () => {
    // What is on its way may have been read before the change.
    if (isFetching) await refetch({ cancelRefetch: false });
    await refetch({ cancelRefetch: false });
  });
  useEvents(({ type, payload }) => {
    const ids = [payload.memory_id, payload.from_id, payload.to_id, payload.superseded_by];
    if (ids.includes(memory_id) && type.startsWith('memory.')) readSoon();
  });
  useEventGaps(readSoon);
  return query;
}
