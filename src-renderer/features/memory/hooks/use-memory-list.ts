/** The memories of one layer as an endless list that follows what agents write. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { MAX_IDS } from '../../../../src-contract/index.ts';
import { useEvents } from '../../../rpc/live-events.ts';
import {
  heldCount,
  nextSeq,
  overlay,
  type Patches,
  placeOf,
  pruned,
  released,
  withPatches,
} from '../memory-list-model.ts';
import { inputOf, type Layer, listsKey, type Memory, orderOf, readPage, readThese } from '../memory-list-query.ts';
import type { MemorySearch } from '../memory-search.ts';
import {
  changePatches,
  closePatches,
  keyText,
  openPatches,
  type Pages,
  patchesOf,
  useListPatches,
} from './list-patches.ts';
import { type ListChanges, useListChanges } from './use-list-changes.ts';

/** Changed memories that are asked for by their ids; for more, the pages are read again. */
const MAX_CHANGES = 2000;
/** Pages that are read again when anything may have changed; of a longer list the person is asked. */
const MAX_REREAD = 10;

export interface MemoryListState {
  /** Which list it is: another user, layer or filter is another list. */
  key: string;
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
  /** Memories that were written since and are not shown yet, because they belong above what is in sight. */
  fresh: number;
  /** So much may have changed that the list is to be read anew. */
  isBehind: boolean;
  /** Shows what is new. */
  showFresh(): void;
}

/** @param topRow number of the first row in sight, 0 at the top: what is new above it waits until it is asked for */
export function useMemoryList(
  layer: Layer,
  user_id: string,
  search: MemorySearch,
  topRow: () => number,
): MemoryListState {
  const queryClient = useQueryClient();
  const input = useMemo(() => inputOf(layer, user_id, search), [layer, user_id, search]);
  const compare = useMemo(() => orderOf(input.sort), [input.sort]);
  const key = useMemo(() => [...listsKey(layer), input], [layer, input]);
  const text = keyText(key);
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => readPage(layer, input, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    // Changes come by themselves; and to compare 100,000 memories with what they were costs more than to draw them.
    structuralSharing: false,
  });
  const { fetchNextPage, hasNextPage, isFetching, isFetchingNextPage, isFetchNextPageError, refetch } = query;
  const pages = query.data?.pages ?? NO_PAGES;
  const isWhole = !hasNextPage;
  const patches = useListPatches(({ lists }) => lists.get(text)) ?? NO_PATCHES;
  const memories = useMemo(() => overlay(pages, patches, compare, isWhole), [pages, patches, compare, isWhole]);
  const fresh = useMemo(() => heldCount(pages, patches), [pages, patches]);
  const [behind, setBehind] = useState<string>();
  const shown = useRef(memories);
  shown.current = memories;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the text stands for the key, which is made anew each time.
  useEffect(() => {
    openPatches(text);
    return () => {
      // Who comes back begins at the top: the rest need not be kept, and not be read again.
      queryClient.setQueryData<Pages>(key, (data) => firstPage(data, patchesOf(text), compare));
      closePatches(text);
    };
  }, [text, queryClient]);

  const readAnew = useCallback(async () => {
    queryClient.setQueryData<Pages>(key, (data) => firstPage(data, NO_PATCHES, compare));
    await throwing(refetch());
  }, [queryClient, key, compare, refetch]);

  const readAgain = useCallback(async () => {
    const loaded = queryClient.getQueryData<Pages>(key)?.pages.length ?? 0;
    if (loaded <= MAX_REREAD) await throwing(refetch());
    else if (topRow() === 0) await readAnew();
    else setBehind(text);
  }, [queryClient, key, text, refetch, readAnew, topRow]);

  const ask = useCallback(
    async ({ created, changed, any }: ListChanges) => {
      const ids = [...created, ...changed];
      if (any || ids.length > MAX_CHANGES) await readAgain();
      else {
        for (let start = 0; start < ids.length; start += MAX_IDS) {
          const piece = ids.slice(start, start + MAX_IDS);
          const seq = nextSeq();
          const found = await readThese(layer, input, piece);
          const answers = new Map<string, Memory | null>(piece.map((id) => [id, null]));
          for (const memory of found) answers.set(memory.id, memory);
          const isAbove = (memory: Memory) => topRow() > 0 && placeOf(shown.current, memory, compare) <= topRow();
          changePatches(text, (known) =>
            withPatches(known, answers, seq, (id, memory) => created.has(id) && isAbove(memory)),
          );
        }
      }
    },
    [readAgain, layer, input, text, compare, topRow],
  );
  useListChanges(layer, user_id, ask);
  useEvents(({ type, user_id: whose }) => {
    if (type !== 'memory.user.erased' || whose !== user_id) return;
    changePatches(text, () => NO_PATCHES);
    void queryClient.resetQueries({ queryKey: key });
  });
  useEffect(() => {
    // Not while a page is on its way: what it says of a memory may be older than what is known.
    if (!isFetching) changePatches(text, (known) => pruned(pages, known, compare, isWhole));
  }, [isFetching, pages, text, compare, isWhole]);

  return {
    key: text,
    memories,
    isLoading: query.isPending,
    error: query.data === undefined ? query.error : null,
    retry: () => void refetch(),
    hasMore: hasNextPage,
    loadMore: useCallback(() => {
      if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
    }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]),
    isLoadingMore: isFetchingNextPage,
    moreError: isFetchNextPageError,
    retryMore: () => void fetchNextPage(),
    fresh,
    isBehind: behind === text,
    showFresh: () => {
      changePatches(text, released);
      if (behind !== text) return;
      setBehind(undefined);
      // What is wrong with the server is said by the list itself.
      readAnew().catch(() => undefined);
    },
  };
}

/** A refetch that fails resolves: here the failure is wanted. */
async function throwing(reading: Promise<{ error: unknown }>): Promise<void> {
  const { error } = await reading;
  if (error) throw error;
}

const NO_PAGES: Pages['pages'] = [];
const NO_PATCHES: Patches<Memory> = new Map();

/** The first page as it is known now. */
function firstPage(
  data: Pages | undefined,
  patches: Patches<Memory>,
  compare: ReturnType<typeof orderOf>,
): Pages | undefined {
  const [first] = data?.pages ?? [];
  if (data === undefined || first === undefined) return data;
  const items = overlay([first], patches, compare, first.next_cursor === null);
  return { pages: [{ ...first, items }], pageParams: data.pageParams.slice(0, 1) };
}
