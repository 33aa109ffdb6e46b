import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { useConnection } from '../rpc/connection.ts';
import type { RowGridProps } from '../ui/rows/RowGrid.tsx';
import { itemsOf, type ListItem } from './list-model.ts';
import type { InUse, ListReader } from './list-reader.ts';

/** A list as its view shows it. */
export interface ListViewState<T> {
  items: readonly T[];
  isLoading: boolean;
  /** Why there is nothing to show. */
  error: unknown;
  retry(): void;
  hasMore: boolean;
  loadMore(): void;
  isLoadingMore: boolean;
  /** The next page could not be read; it is not asked for again by itself. */
  moreError: boolean;
  retryMore(): void;
}

/**
 * What a reader has read, as long as it is shown. The reader is told which part is in use, and when the engine is back.
 *
 * @param inUse which part of the list somebody looks at
 */
export function useListState<T extends ListItem>(reader: ListReader<T>, inUse: () => InUse): ListViewState<T> {
  const currentUse = useRef(inUse);
  currentUse.current = inUse;
  useEffect(() => {
    reader.inUse = () => currentUse.current();
  }, [reader]);
  useEffect(
    () =>
      useConnection.subscribe(({ state }, before) => {
        if (state.phase === 'open' && before.state.phase !== 'open') reader.wake();
      }),
    [reader],
  );
  const { model, error, more } = useSyncExternalStore(reader.subscribe, reader.state);
  const items = useMemo(() => itemsOf({ pages: model.pages }), [model.pages]);
  const readMore = useCallback(() => reader.readMore(), [reader]);
  return {
    items,
    isLoading: model.pages.length === 0 && error === null,
    error,
    retry: () => reader.readAnew(),
    hasMore: model.pages.at(-1)?.next_cursor != null,
    loadMore: useCallback(() => {
      if (more === 'rest') readMore();
    }, [more, readMore]),
    isLoadingMore: more === 'reading',
    moreError: more === 'failed',
    retryMore: readMore,
  };
}

/** What a grid of rows is told of the pages to come. */
export function moreOf<T extends ListItem>(list: ListViewState<T>): NonNullable<RowGridProps<T>['more']> {
  const { hasMore, isLoadingMore, moreError, loadMore, retryMore } = list;
  return { hasMore, isLoading: isLoadingMore, isFailed: moreError, load: loadMore, retry: retryMore };
}
