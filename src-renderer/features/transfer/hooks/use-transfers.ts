/** All imports and exports, those that run as fresh as a dialog of theirs would be. */
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { TransferJob } from '../../../../src-contract/index.ts';
import { api } from '../../../rpc/client.ts';
import { useConnection } from '../../../rpc/connection.ts';
import { jobQuery } from './use-job.ts';

/** Others start imports too: agents, the command line. */
const EVERY_MS = 10_000;

export function useTransfers() {
  const queryClient = useQueryClient();
  const isOnline = useConnection(({ state }) => state.phase === 'open');
  const list = useQuery(
    api.transfer.jobs.queryOptions({ input: {}, staleTime: 0, refetchInterval: EVERY_MS, enabled: isOnline }),
  );
  const listed = list.data?.items ?? [];
  const running = listed.filter(({ state }) => state === 'running').map(({ job_id }) => job_id);
  const fresh = useQueries({ queries: running.map((job_id) => ({ ...jobQuery(job_id), enabled: isOnline })) });
  const byId = new Map(fresh.flatMap(({ data }) => (data ? [[data.job_id, data]] : [])));
  const jobs: TransferJob[] = listed.map((job) => byId.get(job.job_id) ?? job);
  const ended = running.filter((job_id) => (byId.get(job_id)?.state ?? 'running') !== 'running').join();
  useEffect(() => {
    if (ended === '') return;
    void queryClient.invalidateQueries({ queryKey: api.transfer.jobs.key() });
    void queryClient.invalidateQueries({ queryKey: api.memories.users.key() });
  }, [ended, queryClient]);
  return { ...list, jobs };
}
