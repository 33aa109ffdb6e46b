/** Which rows of a list are selected, while the list changes. */
import { useEffect, useMemo, useState } from 'react';
import { rowsInSight } from '../ui/rows/RowGrid.tsx';
import type { ListItem } from './list-model.ts';
import type { InUse } from './list-reader.ts';
import type { ListViewState } from './use-list-state.ts';

type Ids = ReadonlySet<string>;
const NONE: Ids = new Set();

export interface Selection {
  selected: Ids;
  select(ids: Ids): void;
  clear(): void;
}

export function useSelection(): Selection {
  const [selected, select] = useState(NONE);
  return { selected, select, clear: () => select(NONE) };
}

/** What of a list is in use: what is in sight, and what is selected, which must not fall out of it when it is read again. */
export function inUseOf(scrolled: HTMLElement | null, items: readonly ListItem[], { selected }: Selection): InUse {
  const { rows, isScrolled } = rowsInSight(scrolled);
  const chosenRows = selected.size === 0 ? 0 : items.findLastIndex(({ id }) => selected.has(id)) + 1;
  return { rows: Math.max(rows, chosenRows), isScrolled: isScrolled || chosenRows > 0 };
}

/** Those selected that are in the list. What has left it is not selected any more: nothing is done to what cannot be seen. */
export function useChosen<T extends ListItem>(
  { items, isLoading, error }: ListViewState<T>,
  { selected, select }: Selection,
): { chosen: readonly T[]; ids: Ids } {
  const chosen = useMemo(
    () => (selected.size === 0 ? [] : items.filter(({ id }) => selected.has(id))),
    [items, selected],
  );
  const ids = useMemo(() => new Set(chosen.map(({ id }) => id)), [chosen]);
  const isRead = !isLoading && !error;
  useEffect(() => {
    if (isRead && ids.size < selected.size) select(ids);
  }, [isRead, ids, selected, select]);
  return { chosen, ids };
}
