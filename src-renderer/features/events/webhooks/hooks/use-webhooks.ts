import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { EventSubscriber } from '../../../../../src-contract/index.ts';
import { api } from '../../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../../rpc/live-events.ts';
import { useGathered } from '../../../memory/hooks/use-gathered.ts';

/** An event is sent soon after it is told of. */
const AFTER_EVENT_MS = 1500;
const EVERY_MS = 5000;

/** All webhooks; read again when somebody changes one. */
export function useWebhooks() {
  const queryClient = useQueryClient();
  const query = useQuery(api.webhooks.list.queryOptions());
  const { refetch } = query;
  const readSoon = useGathered(() => refetch());
  const readRequests = useGathered(
    () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: api.webhooks.deliveries.key() }),
        queryClient.invalidateQueries({ queryKey: api.subscribers.list.key() }),
      ]),
    AFTER_EVENT_MS,
  );
  useEvents(({ type, payload }) => {
    const { keys } = payload;
    const isChange = Array.isArray(keys) && keys.some((key) => String(key).startsWith('webhooks.'));
    if (type === 'settings.changed' && isChange) readSoon();
    // Any event may be one that a webhook is sent.
    readRequests();
  });
  useEventGaps(() => {
    readSoon();
    readRequests();
  });
  return query;
}

/**
 * What waits for a webhook, by its id. Attempts that come later have no event, so it is asked for again by itself; where
 * the numbers are others, requests were made, and they are read too.
 */
export function useQueues(): (webhook_id: string) => EventSubscriber | undefined {
  const queryClient = useQueryClient();
  const { data } = useQuery(api.subscribers.list.queryOptions({ staleTime: 0, refetchInterval: EVERY_MS }));
  const before = useRef<ReadonlyMap<string, string>>(undefined);
  useEffect(() => {
    if (data === undefined) return;
    const now = new Map(data.items.map((one) => [one.webhook_id ?? '', requestsOf(one)]));
    for (const [id, requests] of now) {
      if (id === '' || before.current === undefined || before.current.get(id) === requests) continue;
      void queryClient.invalidateQueries({ queryKey: api.webhooks.deliveries.key({ input: { id } }) });
    }
    before.current = now;
  }, [data, queryClient]);
  return (webhook_id) => data?.items.find((one) => one.webhook_id === webhook_id);
}

/** Says whether there were requests: of this node by its own count, of others by what became of the queue. */
const requestsOf = ({ delivered, failed_attempts, dead, waiting, delayed }: EventSubscriber): string =>
  [delivered, failed_attempts, dead, waiting, delayed].join(' ');
