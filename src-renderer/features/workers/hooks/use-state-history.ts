import { useQuery } from '@tanstack/react-query';
import { useGathered } from '../../../lists/use-gathered.ts';
import { api, client } from '../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';
import { readStateChanges, SHOWN } from '../state-changes.ts';

/** The last changes of its state, newest first, from the event log. */
export function useStateHistory(worker: string) {
  const query = useQuery({
    queryKey: [...api.events.list.key(), 'changes of the state', worker],
    queryFn: ({ signal }) =>
      readStateChanges(worker, (cursor) =>
        client.events.list(
          {
            types: ['worker.state.changed'],
            text: worker,
            limit: SHOWN,
            ...(cursor === undefined ? {} : { cursor }),
          },
          { signal },
        ),
      ),
  });
  const readSoon = useGathered(() => query.refetch());
  useEvents((event) => {
    if (event.type === 'worker.state.changed' && event.payload.worker === worker) readSoon();
  });
  useEventGaps(readSoon);
  return query;
}
