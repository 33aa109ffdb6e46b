import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from '../../../rpc/client.ts';

const EVERY_MS = 500;

/** An import or export, read again while it runs. */
export function useJob(job_id: string | undefined) {
  const queryClient = useQueryClient();
  const query = useQuery(
    api.transfer.job.queryOptions({
      input: { job_id: job_id ?? '' },
      enabled: job_id !== undefined,
      staleTime: 0,
      refetchInterval: ({ state }) => (state.data && state.data.state !== 'running' ? false : EVERY_MS),
    }),
  );
  const ended = query.data !== undefined && query.data.state !== 'running';
  useEffect(() => {
    // What it brought is shown even where no event told of it.
    if (ended) void queryClient.invalidateQueries({ queryKey: api.memories.users.key() });
  }, [ended, queryClient]);
  return query;
}
