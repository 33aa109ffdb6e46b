import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { useTransferStore } from '../transfer-store.ts';

const EVERY_MS = 500;

/** An import or export, read again while it runs. */
export const jobQuery = (job_id: string) =>
  api.transfer.job.queryOptions({
    input: { job_id },
    staleTime: 0,
    refetchInterval: ({ state }) =>
      (state.data && state.data.state !== 'running') || isJobGone(state.error) ? false : EVERY_MS,
  });

/** There is no such job, or not any more. */
export const isJobGone = (error: unknown): boolean => problemOf(error).code === 'NOT_FOUND';

/** The job a dialog shows. */
export function useJob(job_id: string | undefined) {
  const queryClient = useQueryClient();
  const show = useTransferStore((store) => store.show);
  const query = useQuery({ ...jobQuery(job_id ?? ''), enabled: job_id !== undefined });
  const ended = query.data !== undefined && query.data.state !== 'running';
  useEffect(() => {
    show(job_id ?? null);
    return () => show(null);
  }, [job_id, show]);
  useEffect(() => {
    // What it brought is shown even where no event told of it.
    if (ended) void queryClient.invalidateQueries({ queryKey: api.memories.users.key() });
  }, [ended, queryClient]);
  return query;
}
