/** Asks how the ops agent is, for the whole app and slowly: for the mark beside its name, and for what is new. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { OpsAlert } from '../../../../src-contract/index.ts';
import { api } from '../../../rpc/client.ts';
import { useLive } from '../views/use-live.ts';

const EVERY_MS = 15_000;
/** The status tells whether something critical fires: until then its list need not be read. */
const QUIET_EVERY_MS = 60_000;

/**
 * Used once, by the frame of the app.
 *
 * @returns the critical alerts that fire; undefined while they are not known
 */
export function useOpsWatch(): readonly OpsAlert[] | undefined {
  const live = { ...useLive(EVERY_MS), retry: false } as const;
  const alerts = useQuery(api.ops.status.queryOptions(live)).data?.alerts;
  const isCritical = alerts?.worst === 'critical';
  const critical = useQuery(
    api.opsAlerts.list.queryOptions({
      input: { states: ['firing', 'clearing'], severities: ['critical'], limit: 100 },
      ...live,
      refetchInterval: ({ state }) =>
        live.refetchInterval &&
        (isCritical || (state.data?.items.length ?? 0) > 0 ? live.refetchInterval : QUIET_EVERY_MS),
    }),
  );
  const { refetch } = critical;
  // biome-ignore lint/correctness/useExhaustiveDependencies: other numbers, other alerts.
  useEffect(() => void (isCritical && refetch()), [isCritical, alerts?.firing, refetch]);
  return critical.data?.items;
}
