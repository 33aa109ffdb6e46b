import { useQuery } from '@tanstack/react-query';
import { api } from '../../../../rpc/client.ts';
import { useLive } from '../../views/use-live.ts';

/** While somebody reads about it: its rounds make no events, and it counts in seconds. */
const EVERY_MS = 2000;

/** How the agent is, kept up to date. */
export function useOpsStatus() {
  return useQuery(api.ops.status.queryOptions(useLive(EVERY_MS)));
}

/** As it was read last, without asking: the watch of the app asks. */
export function useKnownOpsStatus() {
  return useQuery(api.ops.status.queryOptions({ enabled: false })).data;
}
