import { useQuery } from '@tanstack/react-query';
import { api } from '../../../../rpc/client.ts';

const EVERY_MS = 30_000;

/** Those that hold, wait and are over; asked for again as long as somebody looks. */
export const useSilences = () =>
  useQuery(api.opsAlerts.silences.queryOptions({ staleTime: 0, refetchInterval: EVERY_MS }));
