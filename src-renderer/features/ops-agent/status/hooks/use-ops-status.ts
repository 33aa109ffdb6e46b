import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api } from '../../../../rpc/client.ts';
import { useLive } from '../../views/use-live.ts';
import { statusEveryMs } from '../model/status-pace.ts';

/** Longest, while somebody reads about it: it can be paused or switched by another person. */
const EVERY_MS = 10_000;

/** How the agent is, kept up to date: read again when it is to have looked, for its rounds make no events. */
export function useOpsStatus() {
  const live = useLive(EVERY_MS);
  return useQuery(
    api.ops.status.queryOptions({
      ...live,
      refetchInterval: ({ state: { data, dataUpdatedAt } }) =>
        live.refetchInterval && statusEveryMs(data, dataUpdatedAt, live.refetchInterval),
    }),
  );
}

/** As it was read last, without asking: the watch of the app asks. */
export function useKnownOpsStatus() {
  return useQuery(api.ops.status.queryOptions({ enabled: false })).data;
}

/**
 * Reads what a look of the agent may have changed as soon as there was one, so that nothing has to be asked for often.
 *
 * @param looked_at of the last look
 */
export function useEachLook(looked_at: string | undefined): void {
  const queryClient = useQueryClient();
  const known = useRef(looked_at);
  useEffect(() => {
    if (looked_at === known.current) return;
    const isFirst = known.current === undefined;
    known.current = looked_at;
    if (isFirst) return;
    for (const queryKey of [
      api.ops.signals.key(),
      api.opsAlerts.list.key(),
      api.opsActions.list.key(),
      api.opsActions.remediators.key(),
    ]) {
      void queryClient.invalidateQueries({ queryKey });
    }
  }, [looked_at, queryClient]);
}
