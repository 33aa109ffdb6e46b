import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../../../rpc/client.ts';
import { subscriberName } from '../subscriber-name.ts';

/**
 * What subscribers are called for people: a webhook by the name it was given.
 *
 * @param areThere all that are asked about subscribe now: one without a name is new, and was not removed
 * @param isAsked false: by the names that something else on the page has asked for
 */
export function useSubscriberNames({ areThere = false, isAsked = true } = {}): (subscriber: string) => string {
  const { data } = useQuery(api.webhooks.list.queryOptions({ enabled: isAsked }));
  return useMemo(() => {
    const names = new Map(data?.items.map(({ subscriber, name }) => [subscriber, name]));
    return (subscriber: string) => subscriberName(subscriber, names, data !== undefined && !areThere);
  }, [data, areThere]);
}
