import { useConnection } from '../../../../rpc/connection.ts';
import { useNow } from '../../../../ui/use-now.ts';
import { type Freshness, freshnessOf } from '../model/freshness.ts';
import type { KnownHealth } from './use-health-facts.ts';
import { paceOf, useWatchPace } from './watch-pace.ts';

/** Whether what is shown is how it is now; undefined while nothing was read. */
export function useFreshness({ read_ms }: Pick<KnownHealth, 'read_ms'>): Freshness | undefined {
  const offline_since_ms = useConnection(({ state }) => (state.phase === 'lost' ? state.since_ms : undefined));
  const every_ms = useWatchPace(paceOf);
  // Read after the second began, or what was read in it would be of the future.
  const now_ms = Math.max(useNow(), read_ms);
  return freshnessOf({ offline_since_ms, read_ms, every_ms, now_ms });
}
