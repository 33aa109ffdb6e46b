/** Subscribers as they are, looked at every two seconds while somebody looks at the page. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../../../../rpc/client.ts';
import { type RateHistory, withRates } from '../model/rate-history.ts';

const EVERY_MS = 2000;
const OUTBOX_EVERY_MS = 5000;

export function useSubscribers() {
  const query = useQuery(
    api.subscribers.list.queryOptions({ refetchInterval: EVERY_MS, staleTime: 0, structuralSharing: false }),
  );
  const [rates, setRates] = useState<RateHistory>(new Map());
  const items = query.data?.items;
  useEffect(() => {
    if (items) setRates((history) => withRates(history, items));
  }, [items]);
  return { query, rates };
}

/** Events of sessions on their way into the log; null while the session store is away. */
export function useSessionOutbox() {
  return useQuery({
    ...api.events.stats.queryOptions({ input: { minutes: 1 }, refetchInterval: OUTBOX_EVERY_MS, staleTime: 0 }),
    select: ({ session_outbox }) => session_outbox,
  });
}
