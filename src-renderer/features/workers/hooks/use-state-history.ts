import { useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import type { EventEnvelope } from '../../../../src-contract/index.ts';
import { api } from '../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';
import { useGathered } from '../../memory/hooks/use-gathered.ts';

const SHOWN = 20;
const payload = z.object({ worker: z.string(), from: z.string(), to: z.string(), reason: z.string().nullable() });

/** A worker was paused, taken out of service, or put back. */
export interface StateChange {
  event_id: string;
  created_at: string;
  to: string;
  reason: string | null;
}

/** The last changes of its state, newest first, from the event log. */
export function useStateHistory(worker: string) {
  const query = useQuery(
    api.events.list.queryOptions({
      input: { types: ['worker.state.changed'], text: worker, limit: SHOWN },
      select: ({ items }) => items.flatMap((event) => changeOf(event, worker)),
    }),
  );
  const readSoon = useGathered(() => query.refetch());
  useEvents((event) => {
    if (event.type === 'worker.state.changed' && event.payload.worker === worker) readSoon();
  });
  useEventGaps(readSoon);
  return query;
}

/** The search looks for the name anywhere in the event: others may hold it as well. */
function changeOf(event: EventEnvelope, worker: string): StateChange[] {
  const parsed = payload.safeParse(event.payload);
  if (!parsed.success || parsed.data.worker !== worker) return [];
  return [{ event_id: event.id, created_at: event.created_at, to: parsed.data.to, reason: parsed.data.reason }];
}
