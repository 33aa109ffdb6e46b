import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { OpsAction } from '../../../../../src-contract/index.ts';
import { useMorePages } from '../../../../lists/use-pages.ts';
import { api } from '../../../../rpc/client.ts';
import { useLive } from '../../views/use-live.ts';
import { isUnderWay } from '../../words/action-words.ts';
import type { ActionsSearch } from '../actions-search.ts';

const EVERY_MS = 10_000;
/** Each look of the agent has them read again. */
const APPROVALS_EVERY_MS = 30_000;
const BUSY_EVERY_MS = 1000;
const PAGE = 100;
/** Read again by themselves. */
const MOST_PAGES = 3;

/** The log, newest first, read on as the reader scrolls and kept up to date. */
export function useActions({ remediator, state, origin, alert }: ActionsSearch) {
  const live = useLive(EVERY_MS);
  const query = useInfiniteQuery(
    api.opsActions.list.infiniteOptions({
      input: (cursor: string | undefined) => ({
        limit: PAGE,
        ...(remediator === undefined ? {} : { remediator }),
        ...(state === undefined ? {} : { states: state }),
        ...(origin === undefined ? {} : { origin }),
        ...(alert === undefined ? {} : { alert }),
        ...(cursor === undefined ? {} : { cursor }),
      }),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      ...live,
      // Every page is read again: who has gone far back is not waiting for news.
      refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= MOST_PAGES ? live.refetchInterval : false),
    }),
  );
  const rows = useMemo(() => onlyOnce(query.data?.pages.flatMap(({ items }) => items) ?? []), [query.data]);
  return { query, rows, more: useMorePages(query) };
}

/** What comes while pages are read can be the last of one and the first of the next. */
function onlyOnce(actions: readonly OpsAction[]): readonly OpsAction[] {
  return [...new Map(actions.map((action) => [action.id, action])).values()];
}

/** One action, followed as long as it goes on. */
export function useAction(action_id: string, known?: OpsAction) {
  const live = useLive(EVERY_MS);
  return useQuery(
    api.opsActions.get.queryOptions({
      input: { action: action_id },
      ...live,
      ...(known === undefined ? {} : { placeholderData: known }),
      refetchInterval: ({ state }) => {
        if (live.refetchInterval === false || state.data === undefined) return live.refetchInterval;
        return isUnderWay(state.data) ? BUSY_EVERY_MS : live.refetchInterval;
      },
    }),
  );
}

/** What waits for a person. */
export function useApprovals() {
  return useQuery(
    api.opsActions.list.queryOptions({
      input: { states: ['waiting_approval'], limit: 100 },
      ...useLive(APPROVALS_EVERY_MS),
    }),
  );
}
