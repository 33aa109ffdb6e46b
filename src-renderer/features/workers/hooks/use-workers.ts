/**
 * The workers, their health and their nodes, kept up to date: by events, and by asking again where none come. Nothing is
 * asked while nobody looks at the page.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Worker } from '../../../../src-contract/index.ts';
import { useGathered } from '../../../lists/use-gathered.ts';
import { api } from '../../../rpc/client.ts';
import { useConnection } from '../../../rpc/connection.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';
import { useWhenSeen } from '../../../ui/use-when-seen.ts';

const EVERY_MS = 5000;
/** While something runs: its progress makes no events. */
const BUSY_EVERY_MS = 1000;

export const useIsOnline = (): boolean => useConnection(({ state }) => state.phase === 'open');

const isBusy = (workers: readonly Worker[]): boolean => workers.some(({ active_runs }) => active_runs.length > 0);

/** As it was read last, without asking again by itself: for parts of a page that {@link useWorkers} keeps up to date. */
export function useWorkerList() {
  return useQuery(api.workers.list.queryOptions());
}

export function useWorkers() {
  const queryClient = useQueryClient();
  const isOnline = useIsOnline();
  const every_ms = (workers: readonly Worker[] | undefined) => {
    if (!isOnline) return false;
    return workers !== undefined && isBusy(workers) ? BUSY_EVERY_MS : EVERY_MS;
  };
  const list = useQuery(
    api.workers.list.queryOptions({
      staleTime: 0,
      refetchOnWindowFocus: true,
      refetchInterval: ({ state }) => every_ms(state.data?.items),
    }),
  );
  const others = { staleTime: 0, refetchOnWindowFocus: true, refetchInterval: every_ms(list.data?.items) } as const;
  const health = useQuery(api.workers.health.queryOptions(others));
  const nodes = useQuery(api.workers.nodes.queryOptions(others));
  const readAgain = useGathered(() => {
    // The log of runs is read again when there are others than before, not at every event.
    const keys = [api.workers.list.key(), api.workers.health.key(), api.workers.nodes.key()];
    return Promise.all(keys.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
  });
  const readSoon = useWhenSeen(readAgain);
  useEvents(({ type, payload }) => {
    const isOfWorkers = type.startsWith('worker.');
    if (isOfWorkers || (type === 'settings.changed' && JSON.stringify(payload).includes('workers.'))) readSoon();
  });
  useEventGaps(readSoon);
  // What was asked while it was away may have been given up.
  useEffect(() => {
    if (isOnline) readSoon();
  }, [isOnline, readSoon]);
  return { list, health, nodes };
}
