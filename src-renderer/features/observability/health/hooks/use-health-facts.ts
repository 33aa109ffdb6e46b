/** What the watch of the app has read last, and what it means. Asks nothing by itself. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { api } from '../../../../rpc/client.ts';
import { type Alert, alertsOf, type HealthFacts } from '../model/alerts.ts';
import { realBreakers } from '../model/service-words.ts';

/** The watch asks. */
const READ_ONLY = { enabled: false } as const;
const NO_ALERTS: readonly Alert[] = [];

export interface KnownHealth {
  facts: HealthFacts | undefined;
  /** The worst first. */
  alerts: readonly Alert[];
  /** When the answer came that is shown; 0 when none has. */
  read_ms: number;
  /** Why the last question was not answered. */
  error: unknown;
}

export function useHealthFacts(): KnownHealth {
  const { data: health, dataUpdatedAt, error } = useQuery(api.health.deep.queryOptions(READ_ONLY));
  const all = useQuery(api.resilience.list.queryOptions(READ_ONLY)).data?.items;
  // The status bar asks for it.
  const database = useQuery(api.app.status.queryOptions(READ_ONLY)).data?.database.kind;
  const breakers = useMemo(
    () => (all === undefined || database === undefined ? undefined : realBreakers(all, database === 'embedded')),
    [all, database],
  );
  const journal = useQuery(api.journal.status.queryOptions(READ_ONLY)).data;
  const facts = useMemo(
    (): HealthFacts | undefined => (health === undefined ? undefined : { health, breakers, journal }),
    [health, breakers, journal],
  );
  const alerts = useMemo(() => (facts === undefined ? NO_ALERTS : alertsOf(facts)), [facts]);
  return { facts, alerts, read_ms: dataUpdatedAt, error };
}

/** Asks all of it now. */
export function useReadHealthNow(): () => Promise<void> {
  const queryClient = useQueryClient();
  return useCallback(async () => {
    const keys = [api.health.key(), api.resilience.list.key(), api.journal.status.key()];
    await Promise.all(
      keys.map((queryKey) => queryClient.refetchQueries({ queryKey, type: 'active' }, { cancelRefetch: false })),
    );
  }, [queryClient]);
}
