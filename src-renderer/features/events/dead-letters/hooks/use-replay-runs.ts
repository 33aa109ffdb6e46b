/** Replays of many: those that run, whoever began them and from whichever page, and those this page has seen end. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { create } from 'zustand';
import type { ReplayRun } from '../../../../../src-contract/index.ts';
import { api } from '../../../../rpc/client.ts';
import { useEventGaps } from '../../../../rpc/live-events.ts';
import { isRunning } from '../letter-words.ts';
import { tellShownLetters } from './use-letter-list.ts';

const EVERY_MS = 700;
/** While none runs: another page may begin one. */
const SELDOM_MS = 10_000;

interface RunStore {
  /** Seen running by this page, and not put away by the person: their end is told. */
  seen: ReadonlySet<string>;
  see(ids: readonly string[]): void;
  putAway(id: string): void;
}

export const useRunStore = create<RunStore>((set) => ({
  seen: new Set(),
  see: (ids) =>
    set((store) => (ids.every((id) => store.seen.has(id)) ? store : { seen: new Set([...store.seen, ...ids]) })),
  putAway: (id) => set(({ seen }) => ({ seen: new Set([...seen].filter((one) => one !== id)) })),
}));

/** Newest first. */
export function useReplayRuns(): readonly ReplayRun[] {
  const queryClient = useQueryClient();
  const { seen, see } = useRunStore();
  const { data, refetch } = useQuery(
    api.deadLetters.replayRuns.queryOptions({
      input: { limit: 20 },
      staleTime: 0,
      refetchInterval: ({ state }) => (state.data?.items.some(isRunning) ? EVERY_MS : SELDOM_MS),
    }),
  );
  useEventGaps(() => void refetch());
  const running = data?.items.filter(isRunning) ?? [];
  const runningIds = running.map(({ id }) => id).join();
  useEffect(() => {
    if (runningIds !== '') see(runningIds.split(','));
  }, [runningIds, see]);
  // What it has brought so far.
  const progress = running.map(({ id, waiting }) => `${id} ${waiting}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: done again for each step of any of them, the last included.
  useEffect(() => {
    tellShownLetters();
    void queryClient.invalidateQueries({ queryKey: api.deadLetters.stats.key() });
  }, [progress, queryClient]);
  return data?.items.filter((run) => isRunning(run) || seen.has(run.id)) ?? [];
}
