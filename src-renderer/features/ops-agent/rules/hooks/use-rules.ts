import { useQuery } from '@tanstack/react-query';
import { api } from '../../../../rpc/client.ts';

const EVERY_MS = 10_000;

/** Every rule; asked for again as long as somebody looks, for what fires changes. */
export const useRules = () => useQuery(api.opsRules.list.queryOptions({ staleTime: 0, refetchInterval: EVERY_MS }));
