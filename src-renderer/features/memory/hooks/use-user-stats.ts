import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useGathered } from '../../../lists/use-gathered.ts';
import { api } from '../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';

/** Figures are read again at most this often, however much is written. */
const EVERY_MS = 1000;

/** The user's figures, kept up to date while agents write. Used once: others read the same query. */
export function useUserStats(user_id: string) {
  const queryClient = useQueryClient();
  const options = api.stats.user.queryOptions({ input: { user_id } });
  const readSoon = useGathered(() => queryClient.invalidateQueries({ queryKey: api.stats.key() }), EVERY_MS);
  useEvents((event) => {
    if (event.user_id === user_id) readSoon();
  });
  useEventGaps(readSoon);
  return useQuery(options);
}
