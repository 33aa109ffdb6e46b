import { useConnection } from '../../../rpc/connection.ts';

/** Options of a query that is kept up to date while somebody looks and the engine can be reached. */
export function useLive(every_ms: number): {
  staleTime: number;
  refetchOnWindowFocus: boolean;
  refetchInterval: number | false;
} {
  const isOnline = useConnection(({ state }) => state.phase === 'open');
  return { staleTime: 0, refetchOnWindowFocus: true, refetchInterval: isOnline && every_ms };
}
