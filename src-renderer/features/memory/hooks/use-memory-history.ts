import { useQuery } from '@tanstack/react-query';
import { api } from '../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';
import { useSoon } from '../../../rpc/use-soon.ts';

/** Changes within so long are answered with one reading. */
const GATHER_MS = 250;

/** A memory with its revisions, chain and links; read again when any of it changes. */
export function useMemoryHistory(memory_id: string) {
  const query = useQuery(api.memories.history.queryOptions({ input: { id: memory_id } }));
  const readSoon = useSoon(() => void query.refetch(), GATHER_MS);
  useEvents(({ type, payload }) => {
    const ids = [payload.memory_id, payload.from_id, payload.to_id, payload.superseded_by];
    if (ids.includes(memory_id) && type.startsWith('memory.')) readSoon();
  });
  useEventGaps(readSoon);
  return query;
}
