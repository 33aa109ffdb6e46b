/** What is known of single memories since the pages of the lists that are shown were read. */
import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query';
import { create } from 'zustand';
import { nextSeq, type Patches, withPatches } from '../memory-list-model.ts';
import { listsKey, type Memory, type MemoryPage } from '../memory-list-query.ts';

export type Pages = InfiniteData<MemoryPage, string | undefined>;

const NONE: Patches<Memory> = new Map();

/** By the text of the list's key; a list that is not shown has none. */
export const useListPatches = create<{ lists: ReadonlyMap<string, Patches<Memory>> }>(() => ({ lists: new Map() }));

export const patchesOf = (key: string): Patches<Memory> => useListPatches.getState().lists.get(key) ?? NONE;

export function openPatches(key: string): void {
  useListPatches.setState(({ lists }) => ({ lists: new Map(lists).set(key, NONE) }));
}

export function closePatches(key: string): void {
  useListPatches.setState(({ lists }) => {
    const rest = new Map(lists);
    rest.delete(key);
    return { lists: rest };
  });
}

/** Changes what is known, of a list that is shown. */
export function changePatches(key: string, change: (patches: Patches<Memory>) => Patches<Memory>): void {
  useListPatches.setState((state) => {
    const before = state.lists.get(key);
    if (before === undefined) return state;
    const after = change(before);
    return after === before ? state : { lists: new Map(state.lists).set(key, after) };
  });
}

/** Takes memories that were deleted out of every list that does not show deleted ones, before any event tells of it. */
export function dropFromLists(queryClient: QueryClient, ids: readonly string[]): void {
  const gone = new Map(ids.map((id) => [id, null] as const));
  const seq = nextSeq();
  for (const layer of ['working', 'longterm'] as const) {
    for (const [key] of queryClient.getQueriesData<Pages>({ queryKey: listsKey(layer) })) {
      const input = key.at(-1) as { include_deleted?: boolean };
      if (input.include_deleted) continue;
      const text = keyText(key);
      if (useListPatches.getState().lists.has(text)) changePatches(text, (known) => withPatches(known, gone, seq));
      else queryClient.setQueryData<Pages>(key, (pages) => without(pages, gone));
    }
  }
}

export const keyText = (key: QueryKey): string => JSON.stringify(key);

function without(pages: Pages | undefined, gone: ReadonlyMap<string, null>): Pages | undefined {
  if (pages === undefined) return undefined;
  return {
    ...pages,
    pages: pages.pages.map((page) => ({ ...page, items: page.items.filter(({ id }) => !gone.has(id)) })),
  };
}
