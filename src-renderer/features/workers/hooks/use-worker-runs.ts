import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Worker, WorkerRunEntry } from '../../../../src-contract/index.ts';
import { useMorePages, useReadAgain } from '../../../lists/use-pages.ts';
import { api } from '../../../rpc/client.ts';
import { isFailure } from '../worker-words.ts';

const PAGE = 100;

/** A run as a row of a list. */
export type RunRow = WorkerRunEntry & { id: string };

/**
 * The log of a worker's runs, newest first, read on as the reader scrolls. It is read again when the worker has other runs
 * than before; those under way stand in it as they are now.
 */
export function useWorkerRuns(worker: Worker, isFailedOnly: boolean) {
  const { name, active_runs, last_run } = worker;
  const query = useInfiniteQuery(
    api.workers.runs.infiniteOptions({
      input: (cursor: string | undefined) => ({
        worker: name,
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      }),
      initialPageParam: undefined,
      getNextPageParam: (page) => page.next_cursor ?? undefined,
    }),
  );
  const pages = query.data?.pages;
  const rows = useMemo((): RunRow[] => {
    const now = new Map(active_runs.map((run) => [run.run_id, run]));
    const all = pages?.flatMap(({ items }) => items) ?? [];
    return all
      .map((run) => ({ ...(now.get(run.run_id) ?? run), id: run.run_id }))
      .filter((run) => !isFailedOnly || isFailure(run));
  }, [pages, active_runs, isFailedOnly]);

  const seen = [last_run?.run_id, ...active_runs.map(({ run_id, status }) => `${run_id} ${status}`)].join();
  useReadAgain(seen, api.workers.runs.key({ input: { worker: name } }));
  return { query, rows, more: useMorePages(query) };
}
