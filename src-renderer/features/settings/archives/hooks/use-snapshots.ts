/** Snapshots, read again while one is at work; and what can be done with one. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { api } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';

const EVERY_MS = 500;
/** The command line takes snapshots, too. */
const AT_REST_EVERY_MS = 10_000;

export function useSnapshots() {
  return useQuery(
    api.offline.snapshots.queryOptions({
      staleTime: 0,
      refetchInterval: ({ state }) =>
        state.data?.items.some((snapshot) => snapshot.state === 'running') ? EVERY_MS : AT_REST_EVERY_MS,
    }),
  );
}

/** Runs one thing at a time, tells why it did not work, and reads what has changed. */
export function useOfflineAction() {
  const queryClient = useQueryClient();
  const [busy, setBusy] = useState(false);
  const run = async (work: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      toast.error(problemOf(error).message);
    }
    await queryClient.invalidateQueries({ queryKey: api.offline.key() });
    setBusy(false);
  };
  return { busy, run };
}
