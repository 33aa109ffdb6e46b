/** The memories of one layer as an endless list that follows what agents write. */
import { type QueryClient, type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import type { EventEnvelope } from '../../../../src-contract/index.ts';
import { type InUse, type KnownList, ListReader, type ListSource } from '../../../lists/list-reader.ts';
import { type ListViewState, useListState } from '../../../lists/use-list-state.ts';
import { backoff_ms } from '../../../rpc/backoff.ts';
import { client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';
import { listKey } from '../list-key.ts';
import { type Layer, type ListInput, layerKey, listInput, type Memory, ORDERS } from '../memory-list-query.ts';
import type { MemorySearch } from '../memory-search.ts';

/** How long a list that was left is taken up again without reading it, when no event tells of a change. */
const FRESH_MS = 30_000;
const RETRIES = 2;

export interface MemoryListState extends ListViewState<Memory> {
  /** Which list it is: another user, filter or order is another list. */
  key: string;
}

/** The lists that are shown: what is changed here need not wait for its event. */
const shownLists = new Set<ListReader<Memory>>();

export function tellShownLists(ids: readonly string[]): void {
  for (const reader of shownLists) reader.noteChanged(ids, 0);
}

/** @param inUse which part of the list somebody looks at */
export function useMemoryList(
  layer: Layer,
  user_id: string,
  search: MemorySearch,
  inUse: () => InUse,
): MemoryListState {
  const queryClient = useQueryClient();
  const key = JSON.stringify(listInput(layer, user_id, search));
  const reader = useMemo(() => readerOf(queryClient, JSON.parse(key)), [queryClient, key]);
  const state = useListState(reader, inUse);
  useEffect(() => {
    reader.start(mayBeStale(queryClient, JSON.parse(key)));
    shownLists.add(reader);
    return () => {
      shownLists.delete(reader);
      keep(queryClient, JSON.parse(key), reader.stop());
    };
  }, [reader, queryClient, key]);
  useEvents((event) => {
    const changed = changeOf(event, layer, user_id);
    if (changed === 'anything') reader.readAnew();
    else reader.noteChanged(changed);
  });
  useEventGaps(() => reader.readAnew());
  return { ...state, key };
}

/** Lists that are not shown lie in the query cache, where a change makes them stale like everything else. */
const cacheKey = (input: ListInput): QueryKey => listKey(layerKey(input.layer), input);

function readerOf(queryClient: QueryClient, input: ListInput): ListReader<Memory> {
  return new ListReader(sourceOf(input), queryClient.getQueryData<KnownList<Memory>>(cacheKey(input)));
}

function mayBeStale(queryClient: QueryClient, input: ListInput): boolean {
  const kept = queryClient.getQueryState(cacheKey(input));
  return kept === undefined || kept.isInvalidated || kept.dataUpdatedAt < Date.now() - FRESH_MS;
}

function keep(queryClient: QueryClient, input: ListInput, { isCurrent, ...known }: ReturnType<StopList>): void {
  if (known.model.pages.length === 0) return;
  queryClient.setQueryData<KnownList<Memory>>(cacheKey(input), known);
  if (!isCurrent) void queryClient.invalidateQueries({ queryKey: cacheKey(input), exact: true, refetchType: 'none' });
}
type StopList = ListReader<Memory>['stop'];

function sourceOf(input: ListInput): ListSource<Memory> {
  return {
    order: ORDERS[input.sort ?? 'newest'],
    page: (request, signal) => retried(() => readList(input, request, signal), signal),
    some: async (ids, scored_at, signal) => {
      const request = { ids: [...ids], limit: ids.length, ...(scored_at === undefined ? {} : { scored_at }) };
      return (await readList(input, request, signal)).items;
    },
    isTransient: (error) => problemOf(error).transient,
    later: (work, delay_ms) => {
      const timer = setTimeout(work, delay_ms);
      return () => clearTimeout(timer);
    },
    now_ms: () => performance.now(),
  };
}

interface ListRequest {
  cursor?: string | undefined;
  ids?: string[];
  limit: number;
  scored_at?: string;
}

async function readList(input: ListInput, { cursor, ...request }: ListRequest, signal: AbortSignal) {
  const asked = { ...request, ...(cursor === undefined ? {} : { cursor }) };
  if (input.layer === 'working') {
    const { layer, ...filters } = input;
    const { items, ...page } = await client.working.list({ ...filters, ...asked }, { signal });
    return { ...page, items: items.map((item): Memory => ({ layer, ...item })) };
  }
  const { layer, ...filters } = input;
  const { items, ...page } = await client.longterm.list({ ...filters, ...asked }, { signal });
  return { ...page, items: items.map((item): Memory => ({ layer, ...item })) };
}

async function retried<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      if (signal.aborted || attempt >= RETRIES || !problemOf(error).transient) throw error;
      await new Promise((resolve) => setTimeout(resolve, backoff_ms(attempt)));
    }
  }
}

/** Which memories of the layer an event of the user tells of. */
function changeOf({ type, user_id: whose, payload }: EventEnvelope, layer: Layer, user_id: string) {
  if (type === 'memory.imported') {
    // An import of several users names none.
    return payload.layer === layer && (whose === user_id || whose === null) ? 'anything' : [];
  }
  if (whose !== user_id) return [];
  if (type === 'memory.user.erased') return 'anything';
  if (!type.startsWith(`memory.${layer}.`)) return [];
  return [payload.memory_id, payload.superseded_by].filter((id) => typeof id === 'string');
}
