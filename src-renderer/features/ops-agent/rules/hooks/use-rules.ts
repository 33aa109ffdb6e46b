import { useQuery } from '@tanstack/react-query';
import { api } from '../../../../rpc/client.ts';
import { useLive } from '../../views/use-live.ts';

const EVERY_MS = 30_000;

/** Every rule; asked for again as long as somebody looks, for what fires changes. */
export const useRules = () => useQuery(api.opsRules.list.queryOptions(useLive(EVERY_MS)));
