/** The memories of one layer as an endless list that follows what agents write. */
import {
  type InfiniteData,
  type QueryClient,
  type QueryKey,
  useInfiniteQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { LONGTERM_TYPES, WORKING_TYPES } from '../../../../src-contract/entities.ts';
import type { EventEnvelope, LongTermMemoryEntry, WorkingMemoryEntry } from '../../../../src-contract/index.ts';
import { api, client } from '../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';
import type { MemorySearch } from '../memory-search.ts';

export type Layer = 'working' | 'longterm';
export type Memory = ({ layer: 'working' } & WorkingMemoryEntry) | ({ layer: 'longterm' } & LongTermMemoryEntry);
type Page = { items: (WorkingMemoryEntry | LongTermMemoryEntry)[]; next_cursor: string | null };
type Pages = InfiniteData<Page>;

const PAGE = 200;
/** Events within so long are answered with one reading. */
const GATHER_MS = 250;
/** Memories that are read again one by one; for more, the list begins anew. */
const READ_ONE_BY_ONE = 40;

export interface MemoryListState {
  memories: readonly Memory[];
  isLoading: boolean;
  error: unknown;
  retry(): void;
  hasMore: boolean;
  loadMore(): void;
  isLoadingMore: boolean;
  /** The next page could not be read; it is not asked for again by itself. */
  moreError: boolean;
  retryMore(): void;
  /** Memories that were written since and are not shown yet, because the list is scrolled. */
  fresh: number;
  showFresh(): void;
}

/** @param atTop whether the beginning of the list is in sight: then what is new is shown at once */
export function useMemoryList(
  layer: Layer,
  user_id: string,
  search: MemorySearch,
  atTop: () => boolean,
): MemoryListState {
  const queryClient = useQueryClient();
  const options = useMemo(() => listOptions(layer, user_id, search), [layer, user_id, search]);
  const query = useInfiniteQuery(options);
  const [fresh, setFresh] = useState(0);
  const key = options.queryKey as QueryKey;
  const keyText = JSON.stringify(key);
  const refetch = query.refetch;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another list has its own count.
  useEffect(() => setFresh(0), [keyText]);

  const readNew = useCallback(async () => {
    const first = await readFirstPage(layer, user_id, search);
    const known = new Set(itemsOf(queryClient.getQueryData<Pages>(key)).map(({ id }) => id));
    const unseen = first.items.filter(({ id }) => !known.has(id));
    if (unseen.length === 0) return;
    // Only in the newest-first order is what is new at the top; in others the place is not known without reading.
    const inOrder = (search.sort ?? 'newest') === 'newest' && unseen.length < first.items.length;
    if (atTop()) {
      if (inOrder) queryClient.setQueryData<Pages>(key, (pages) => withFirst(pages, unseen));
      else await refetch();
      setFresh(0);
    } else setFresh(unseen.length);
  }, [queryClient, key, layer, user_id, search, atTop, refetch]);

  const readAgain = useCallback(
    async (ids: readonly string[]) => {
      if (ids.length > READ_ONE_BY_ONE) {
        await queryClient.resetQueries({ queryKey: key });
        return;
      }
      const read = await Promise.all(ids.map((id) => readOne(layer, id)));
      const found = new Map(read.filter((one) => one !== undefined).map((one) => [one.id, one]));
      queryClient.setQueryData<Pages>(key, (pages) =>
        mapItems(pages, (item) => (ids.includes(item.id) ? (shown(found.get(item.id), search) ?? null) : item)),
      );
    },
    [queryClient, key, layer, search],
  );

  useGathered(layer, user_id, readNew, readAgain, () => itemsOf(queryClient.getQueryData<Pages>(key)));
  useEventGaps(() => void refetch({ cancelRefetch: false }));
  useEvents(({ type, user_id: whose }) => {
    if (type === 'memory.user.erased' && whose === user_id) void queryClient.resetQueries({ queryKey: key });
  });

  const memories = useMemo(
    () => itemsOf(query.data).map((item) => ({ layer, ...item }) as Memory),
    [query.data, layer],
  );
  const { fetchNextPage, hasNextPage, isFetchingNextPage, isFetchNextPageError } = query;
  return {
    memories,
    isLoading: query.isPending,
    error: query.data === undefined ? query.error : null,
    retry: () => void refetch(),
    hasMore: hasNextPage,
    loadMore: useCallback(() => {
      if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
    }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]),
    isLoadingMore: isFetchingNextPage,
    moreError: isFetchNextPageError,
    retryMore: () => void fetchNextPage(),
    fresh,
    showFresh: () => {
      setFresh(0);
      void queryClient.resetQueries({ queryKey: key });
    },
  };
}

/** Takes memories out of every list that does not show deleted ones. */
export function dropFromLists(queryClient: QueryClient, ids: ReadonlySet<string>): void {
  for (const layer of ['working', 'longterm'] as const) {
    const lists = queryClient.getQueriesData<Pages>({ queryKey: [...layerKey(layer), 'endless'] });
    for (const [key] of lists) {
      const input = key.at(-1) as { include_deleted?: boolean };
      if (input.include_deleted) continue;
      queryClient.setQueryData<Pages>(key, (pages) => mapItems(pages, (item) => (ids.has(item.id) ? null : item)));
    }
  }
}

/** Everything of one layer that is in the cache: after a change of several memories. */
export const layerKey = (layer: Layer): QueryKey => (layer === 'working' ? api.working.key() : api.longterm.key());

function inputOf(layer: Layer, user_id: string, search: MemorySearch) {
  const shared = {
    user_id,
    ...(search.tag ? { tags: search.tag } : {}),
    ...(search.q ? { text: search.q } : {}),
    ...(search.from ? { created_after: dayStart(search.from) } : {}),
    ...(search.to ? { created_before: dayStart(search.to, 1) } : {}),
    ...(search.deleted ? { include_deleted: true } : {}),
    sort: search.sort ?? ('newest' as const),
    limit: PAGE,
  };
  if (layer === 'working') {
    return {
      ...shared,
      ...typeFilter(WORKING_TYPES, search),
      ...(search.min === undefined ? {} : { min_relevance: search.min }),
      ...(search.expired ? { include_expired: true } : {}),
    };
  }
  return {
    ...shared,
    ...typeFilter(LONGTERM_TYPES, search),
    ...(search.min === undefined ? {} : { min_importance: search.min }),
    ...(search.pinned ? { pinned: true } : {}),
    ...(search.superseded ? { include_superseded: true } : {}),
  };
}

/** The types of the URL that this layer has: those of another mean nothing here. */
function typeFilter<T extends string>(types: readonly T[], { type }: MemorySearch): { memory_type?: T[] } {
  const known = types.filter((one) => type?.includes(one));
  return known.length > 0 ? { memory_type: known } : {};
}

/** Midnight at the place of the person, some days later. */
function dayStart(day: string, later = 0): string {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + later);
  return date.toISOString();
}

function listOptions(layer: Layer, user_id: string, search: MemorySearch) {
  const input = inputOf(layer, user_id, search);
  const withCursor = (cursor: unknown) => (cursor === undefined ? input : { ...input, cursor });
  return {
    queryKey: [...layerKey(layer), 'endless', input],
    queryFn: async ({ pageParam, signal }: { pageParam: unknown; signal: AbortSignal }): Promise<Page> =>
      layer === 'working'
        ? await client.working.list(withCursor(pageParam) as Parameters<typeof client.working.list>[0], { signal })
        : await client.longterm.list(withCursor(pageParam) as Parameters<typeof client.longterm.list>[0], { signal }),
    initialPageParam: undefined as unknown,
    getNextPageParam: (last: Page) => last.next_cursor ?? undefined,
  };
}

async function readFirstPage(layer: Layer, user_id: string, search: MemorySearch): Promise<Page> {
  return await listOptions(layer, user_id, search).queryFn({
    pageParam: undefined,
    signal: new AbortController().signal,
  });
}

async function readOne(layer: Layer, id: string): Promise<WorkingMemoryEntry | LongTermMemoryEntry | undefined> {
  try {
    // Not `get`: looking at a memory in the inspector is no access of an agent.
    const { memory } = await client.memories.history({ id });
    return memory.layer === layer ? memory : undefined;
  } catch {
    return undefined;
  }
}

/** The memory if the list's own switches still show it. */
function shown<T extends WorkingMemoryEntry | LongTermMemoryEntry>(
  memory: T | undefined,
  search: MemorySearch,
): T | undefined {
  if (memory === undefined) return undefined;
  if (memory.deleted_at !== null && !search.deleted) return undefined;
  if ('valid_to' in memory && memory.valid_to !== null && !search.superseded) return undefined;
  return memory;
}

/** Gathers the events of a short while: one reading for many writes. */
function useGathered(
  layer: Layer,
  user_id: string,
  readNew: () => Promise<void>,
  readAgain: (ids: readonly string[]) => Promise<void>,
  known: () => readonly { id: string }[],
): void {
  const pending = useRef({ isNew: false, changed: new Set<string>() });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const work = async () => {
    timer.current = undefined;
    const { isNew, changed } = pending.current;
    pending.current = { isNew: false, changed: new Set() };
    const here = known().filter(({ id }) => changed.has(id));
    await Promise.all([isNew && readNew(), here.length > 0 && readAgain(here.map(({ id }) => id))]).catch(
      () => undefined,
    );
  };
  useEvents((event) => {
    // An import of several users names none.
    if (event.user_id !== user_id && !(event.user_id === null && event.type === 'memory.imported')) return;
    if (!note(event, layer, pending.current)) return;
    timer.current ??= setTimeout(() => void work(), GATHER_MS);
  });
}

/** @returns whether the event is about this layer */
function note(event: EventEnvelope, layer: Layer, pending: { isNew: boolean; changed: Set<string> }): boolean {
  if (event.type === 'memory.imported' && event.payload.layer === layer) {
    pending.isNew = true;
    return true;
  }
  if (!event.type.startsWith(`memory.${layer}.`)) return false;
  const change = event.type.slice(`memory.${layer}.`.length);
  if (change === 'created' || change === 'restored') pending.isNew = true;
  if (change !== 'created' && typeof event.payload.memory_id === 'string') pending.changed.add(event.payload.memory_id);
  return true;
}

function itemsOf(pages: Pages | undefined): Page['items'] {
  return pages?.pages.flatMap(({ items }) => items) ?? [];
}

function withFirst(pages: Pages | undefined, items: Page['items']): Pages | undefined {
  const [first, ...rest] = pages?.pages ?? [];
  if (pages === undefined || first === undefined) return pages;
  return { ...pages, pages: [{ ...first, items: [...items, ...first.items] }, ...rest] };
}

function mapItems(
  pages: Pages | undefined,
  change: (item: Page['items'][number]) => Page['items'][number] | null,
): Pages | undefined {
  if (pages === undefined) return undefined;
  return {
    ...pages,
    pages: pages.pages.map((page) => ({ ...page, items: page.items.map(change).filter((item) => item !== null) })),
  };
}
