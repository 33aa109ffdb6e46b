import { useQuery } from '@tanstack/react-query';
import { api } from '../../rpc/client.ts';
import { useConnection } from '../../rpc/connection.ts';

/** Somebody else may open another one, or change them. */
const EVERY_MS = 30_000;
/** While one is being opened, perhaps by somebody else. */
const OPENING_MS = 1_000;

/** The connection profiles there are, and which one is open. */
export function useProfiles() {
  const isOnline = useConnection(({ state }) => state.phase === 'open');
  return useQuery(
    api.profiles.list.queryOptions({
      refetchInterval: ({ state: { data } }) => (data?.state.switching_to == null ? EVERY_MS : OPENING_MS),
      enabled: isOnline,
    }),
  );
}
