import { useQuery } from '@tanstack/react-query';
import { api } from '../../../../rpc/client.ts';
import { useLive } from '../../views/use-live.ts';

const EVERY_MS = 30_000;

/** Those that hold, wait and are over; asked for again as long as somebody looks. */
export const useSilences = () => useQuery(api.opsAlerts.silences.queryOptions(useLive(EVERY_MS)));
