/** Asks how the ops agent is, for the whole app and slowly: for the mark beside its name, and for what is new. */
import { useQuery } from '@tanstack/react-query';
import type { OpsAlert } from '../../../../src-contract/index.ts';
import { api } from '../../../rpc/client.ts';
import { useLive } from '../views/use-live.ts';

const EVERY_MS = 10_000;

/**
 * Used once, by the frame of the app.
 *
 * @returns the critical alerts that fire; undefined while they are not known
 */
export function useOpsWatch(): readonly OpsAlert[] | undefined {
  const live = { ...useLive(EVERY_MS), retry: false } as const;
  useQuery(api.ops.status.queryOptions(live));
  const critical = useQuery(
    api.opsAlerts.list.queryOptions({
      input: { states: ['firing', 'clearing'], severities: ['critical'], limit: 100 },
      ...live,
    }),
  );
  return critical.data?.items;
}
