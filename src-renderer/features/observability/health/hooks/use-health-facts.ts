/** What the watch of the app has read last, and what it means. Asks nothing by itself. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { api } from '../../../../rpc/client.ts';
import { useSubscriberNames } from '../../../events/hooks/use-subscriber-names.ts';
import { type Alert, alertsOf, type HealthFacts } from '../model/alerts.ts';
import { forReaders } from '../model/facts-for-readers.ts';
import { realBreakers } from '../model/service-words.ts';

/** The watch asks. */
const READ_ONLY = { enabled: false } as const;
const NO_ALERTS: readonly Alert[] = [];

export interface KnownHealth {
  facts: HealthFacts | undefined;
  /** The worst first. */
  alerts: readonly Alert[];
  /** When the oldest of the answers came that are shown; 0 when none has. */
  read_ms: number;
  /** Why the last question was not answered. */
  error: unknown;
}

export function useHealthFacts(): KnownHealth {
  const deep = useQuery(api.health.deep.queryOptions(READ_ONLY));
  const list = useQuery(api.resilience.list.queryOptions(READ_ONLY));
  const written = useQuery(api.journal.status.queryOptions(READ_ONLY));
  const [health, all, journal] = [deep.data, list.data?.items, written.data];
  // The status bar asks for it.
  const database = useQuery(api.app.status.queryOptions(READ_ONLY)).data?.database.kind;
  const breakers = useMemo(
    () => (all === undefined || database === undefined ? undefined : realBreakers(all, database === 'embedded')),
    [all, database],
  );
  const facts = useMemo(
    (): HealthFacts | undefined => (health === undefined ? undefined : forReaders({ health, breakers, journal })),
    [health, breakers, journal],
  );
  const nameOf = useSubscriberNames({ areThere: true, isAsked: false });
  const alerts = useMemo(() => (facts === undefined ? NO_ALERTS : alertsOf(facts, nameOf)), [facts, nameOf]);
  const read = [list, written].map(({ dataUpdatedAt }) => dataUpdatedAt).filter((read_ms) => read_ms > 0);
  return {
    facts,
    alerts,
    read_ms: Math.min(deep.dataUpdatedAt, ...read),
    error: deep.error ?? list.error ?? written.error,
  };
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
