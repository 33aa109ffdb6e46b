import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { EventSubscriber, Webhook } from '../../../../../src-contract/index.ts';
import { useGathered } from '../../../../lists/use-gathered.ts';
import { api } from '../../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../../rpc/live-events.ts';
import { useWhenSeen } from '../../../../ui/use-when-seen.ts';
import { wants } from '../webhook-wants.ts';

/** An event is sent soon after it is told of. */
const AFTER_EVENT_MS = 1500;
const EVERY_MS = 5000;

/** All webhooks; read again when somebody changes one, and not while nobody sees the page. */
export function useWebhooks() {
  const queryClient = useQueryClient();
  const query = useQuery(api.webhooks.list.queryOptions());
  const { data, refetch } = query;
  const readSoon = useWhenSeen(useGathered(() => refetch()));
  /** Those that were sent something since their requests were read. */
  const called = useRef(new Set<string>());
  const readCalled = () => {
    const ids = [...called.current];
    called.current.clear();
    return Promise.all([
      ...ids.map((id) => queryClient.invalidateQueries({ queryKey: api.webhooks.deliveries.key({ input: { id } }) })),
      queryClient.invalidateQueries({ queryKey: api.subscribers.list.key() }),
    ]);
  };
  const readRequests = useWhenSeen(useGathered(readCalled, AFTER_EVENT_MS));
  const note = (webhooks: readonly Webhook[] = []) => {
    if (webhooks.length === 0) return;
    for (const { id } of webhooks) called.current.add(id);
    readRequests();
  };
  useEvents((event) => {
    const { keys } = event.payload;
    const isChange = Array.isArray(keys) && keys.some((key) => String(key).startsWith('webhooks.'));
    if (event.type === 'settings.changed' && isChange) readSoon();
    note(data?.items.filter((webhook) => wants(webhook, event)));
  });
  useEventGaps(() => {
    readSoon();
    note(data?.items);
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
