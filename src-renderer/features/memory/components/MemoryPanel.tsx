import { BrainCircuit, SearchX } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useKeys } from '../../../app/shortcuts/use-keys.ts';
import { Button } from '../../../ui/Button.tsx';
import { rowsInSight } from '../../../ui/rows/RowGrid.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { useBulk } from '../hooks/use-bulk.ts';
import { useMemoryList } from '../hooks/use-memory-list.ts';
import { useMemorySearch } from '../hooks/use-memory-search.ts';
import type { Layer, Memory } from '../memory-list-query.ts';
import { filterCount, NO_FILTERS } from '../memory-search.ts';
import { BulkBar } from './BulkBar.tsx';
import { useColumns } from './columns.ts';
import { FilterBar } from './FilterBar.tsx';
import { MemoryList } from './MemoryList.tsx';

const NAMES = {
  working: {
    empty: 'No working memories yet',
    hint: 'What agents write about the last days appears here as it is written, and fades after a while.',
  },
  longterm: {
    empty: 'No long-term memories yet',
    hint: 'Facts, preferences, skills and relationships that agents keep for good appear here.',
  },
} as const;

/** Filters, list and bulk actions of one layer. */
export function MemoryPanel({ layer, user_id }: { layer: Layer; user_id: string }) {
  const { search, set } = useMemorySearch();
  const columns = useColumns((store) => store.shown);
  const scrollRef = useRef<HTMLDivElement>(null);
  const inputRef = useRef<HTMLInputElement>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const { run } = useBulk();
  const list = useMemoryList(layer, user_id, search, () => {
    const { rows, isScrolled } = rowsInSight(scrollRef.current);
    // What is selected must not fall out of the list because it was read again.
    const chosenRows = selected.size === 0 ? 0 : list.items.findLastIndex(({ id }) => selected.has(id)) + 1;
    return { rows: Math.max(rows, chosenRows), isScrolled: isScrolled || chosenRows > 0 };
  });
  useKeys({ '/': () => inputRef.current?.focus() });
  const chosen = useMemo(
    () => (selected.size === 0 ? [] : list.items.filter(({ id }) => selected.has(id))),
    [list.items, selected],
  );
  // What a filter has taken out of the list is not selected any more: nothing is done to what cannot be seen.
  const inSight = useMemo(() => new Set(chosen.map(({ id }) => id)), [chosen]);
  const isRead = !list.isLoading && !list.error;
  useEffect(() => {
    if (isRead && inSight.size < selected.size) setSelected(inSight);
  }, [isRead, inSight, selected]);
  const open = (memory: Memory) => set({ memory: memory.id });
  const remove = async (ids: readonly string[]) => {
    if (await run(ids, { kind: 'delete' })) setSelected(new Set());
  };

  return (
    <>
      <FilterBar layer={layer} search={search} set={set} inputRef={inputRef} />
      {chosen.length > 0 && <BulkBar layer={layer} selected={chosen} onDone={() => setSelected(new Set())} />}
      {body()}
    </>
  );

  function body(): ReactNode {
    if (list.isLoading) return <SkeletonRows rows={14} />;
    if (list.error) return <ErrorState error={list.error} onRetry={list.retry} />;
    if (list.items.length === 0) {
      if (filterCount(search) > 0) {
        return (
          <EmptyState
            icon={<SearchX />}
            title="Nothing matches these filters"
            actions={<Button onClick={() => set(NO_FILTERS)}>Clear filters</Button>}
          />
        );
      }
      return (
        <EmptyState icon={<BrainCircuit />} title={NAMES[layer].empty}>
          {NAMES[layer].hint}
        </EmptyState>
      );
    }
    return (
      <MemoryList
        key={list.key}
        layer={layer}
        list={list}
        columns={columns}
        selected={inSight}
        onSelect={setSelected}
        openId={search.memory}
        onOpen={open}
        onDelete={(ids) => void remove(ids)}
        scrollRef={scrollRef}
      />
    );
  }
}
