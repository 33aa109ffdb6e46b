import { useQuery } from '@tanstack/react-query';
import { api } from '../../rpc/client.ts';
import { useConnection } from '../../rpc/connection.ts';

/** Somebody else may open another one, or change them. */
const EVERY_MS = 30_000;

/** The connection profiles there are, and which one is open. */
export function useProfiles() {
  const isOnline = useConnection(({ state }) => state.phase === 'open');
  return useQuery(api.profiles.list.queryOptions({ refetchInterval: EVERY_MS, enabled: isOnline }));
}
