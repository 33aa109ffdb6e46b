import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../../rpc/live-events.ts';
import { useGathered } from '../../../memory/hooks/use-gathered.ts';

/** An event is sent soon after it is told of. */
const AFTER_EVENT_MS = 1500;
const EVERY_MS = 10_000;

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
    if (type.startsWith('webhook.') || (type === 'settings.changed' && isChange)) readSoon();
    // Any event may be one that a webhook is sent.
    readRequests();
  });
  useEventGaps(() => {
    readSoon();
    readRequests();
  });
  return query;
}

/** What waits for a webhook, by its id. Attempts that come later have no event, so it is asked for again by itself. */
export function useQueues() {
  const { data } = useQuery(api.subscribers.list.queryOptions({ staleTime: 0, refetchInterval: EVERY_MS }));
  return (webhook_id: string) => data?.items.find((one) => one.webhook_id === webhook_id);
}
