import { BrainCircuit, SearchX } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { useKeys } from '../../../app/shortcuts/use-keys.ts';
import { inUseOf, useChosen, useSelection } from '../../../lists/use-selection.ts';
import { Button } from '../../../ui/Button.tsx';
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
  const selection = useSelection();
  const { run } = useBulk();
  const list = useMemoryList(layer, user_id, search, () => inUseOf(scrollRef.current, list.items, selection));
  useKeys({ '/': () => inputRef.current?.focus() });
  const { chosen, ids: inSight } = useChosen(list, selection);
  const open = (memory: Memory) => set({ memory: memory.id });
  const remove = async (ids: readonly string[]) => {
    if (await run(ids, { kind: 'delete' })) selection.clear();
  };

  return (
    <>
      <FilterBar layer={layer} search={search} set={set} inputRef={inputRef} />
      {chosen.length > 0 && <BulkBar layer={layer} selected={chosen} onDone={() => selection.clear()} />}
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
        onSelect={selection.select}
        openId={search.memory}
        onOpen={open}
        onDelete={(ids) => void remove(ids)}
        scrollRef={scrollRef}
      />
    );
  }
}
