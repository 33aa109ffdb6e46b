import { useQuery } from '@tanstack/react-query';
import { api } from '../../../../rpc/client.ts';
import { useNow } from '../../../../ui/use-now.ts';
import { engineNow } from '../model/engine-clock.ts';

/** The present second by the clock of the engine, by which it says since when something is. */
export function useEngineNow(): number {
  const now_ms = useNow();
  const { data, dataUpdatedAt } = useQuery(api.health.deep.queryOptions({ enabled: false }));
  return data === undefined ? now_ms : engineNow(now_ms, dataUpdatedAt, data);
}
