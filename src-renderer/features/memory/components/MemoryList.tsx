/**
 * A list of memories that stays smooth at 100,000 rows: only what is in sight is in the page. It is a grid for screen
 * readers, and everything in it can be done with the keyboard.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowUp, Pin } from 'lucide-react';
import {
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { Badge } from '../../../ui/Badge.tsx';
import { Button } from '../../../ui/Button.tsx';
import { cx } from '../../../ui/classes.ts';
import { excerpt, visibleText } from '../../../ui/content/visible-text.ts';
import { Checkbox } from '../../../ui/fields.tsx';
import { number, plural } from '../../../ui/format.ts';
import { Ago } from '../../../ui/Time.tsx';
import type { MemoryListState } from '../hooks/use-memory-list.ts';
import { keptPlace, placeIn, type RowPlace } from '../list-place.ts';
import { type Layer, type Memory, scoreOf } from '../memory-list-query.ts';
import type { ColumnName } from './columns.ts';

const ROW_PX = 38;
const HEADING_PX = 33;
/** Rows from the end at which the next page is asked for. */
const AHEAD = 40;
/** Tags of one memory: in its row at most, and in the word about the row. */
const TAGS_SHOWN = 5;
const TAGS_TOLD = 50;
/** Scrolled less than so far, the top is in sight. */
const TOP_PX = 4;
const NONE: ReadonlySet<string> = new Set();

/** Which rows of the list are in sight, those ahead included. */
export function rowsInSight(list: HTMLElement | null): { rows: number; isScrolled: boolean } {
  const { scrollTop = 0, clientHeight = 0 } = list ?? {};
  return { rows: Math.ceil((scrollTop + clientHeight) / ROW_PX) + AHEAD, isScrolled: scrollTop >= TOP_PX };
}

export interface MemoryListProps {
  layer: Layer;
  list: MemoryListState;
  columns: ReadonlySet<ColumnName>;
  selected: ReadonlySet<string>;
  onSelect(ids: ReadonlySet<string>): void;
  /** The memory whose details are open. */
  openId: string | undefined;
  onOpen(memory: Memory): void;
  onDelete(ids: readonly string[]): void;
  scrollRef: RefObject<HTMLDivElement | null>;
}

export function MemoryList({
  layer,
  list,
  columns,
  selected,
  onSelect,
  openId,
  onOpen,
  onDelete,
  scrollRef,
}: MemoryListProps) {
  const { memories, loadMore, hasMore } = list;
  const id = useId();
  const [place, setPlace] = useState<RowPlace>({ id: undefined, index: 0 });
  // The row itself is kept, not its number: what agents write moves it.
  const active = placeIn(memories, place);
  const setActive = (index: number) => setPlace({ id: memories[index]?.id, index });
  /** Where a range begins; the row itself as well, and where it was should it go. */
  const anchor = useRef<RowPlace>({ id: undefined, index: 0 });
  const virtual = useVirtualizer({
    count: memories.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    // The heading stands above the first row and stays in sight.
    scrollPaddingEnd: HEADING_PX,
    // With another function, the places of all rows would be reckoned anew.
    getItemKey: useCallback((index: number) => memories[index]?.id ?? index, [memories]),
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= memories.length - AHEAD) loadMore();
  }, [hasMore, last, memories.length, loadMore]);

  const { news, onScroll, see } = usePlace(memories, scrollRef);
  // What comes while its details are open was made here, by editing: the list goes along with it.
  useEffect(() => {
    if (openId === undefined || !news.has(openId)) return;
    const index = memories.findIndex((memory) => memory.id === openId);
    see([openId]);
    setPlace({ id: openId, index });
    virtual.scrollToIndex(index);
  }, [openId, news, memories, see, virtual]);

  const toggle = (index: number, range: boolean) => {
    const memory = memories[index];
    if (memory === undefined) return;
    const next = new Set(selected);
    if (range) {
      const begin = placeIn(memories, anchor.current);
      const [from, to] = [Math.min(begin, index), Math.max(begin, index)];
      for (const one of memories.slice(from, to + 1)) next.add(one.id);
    } else {
      if (!next.delete(memory.id)) next.add(memory.id);
      anchor.current = { id: memory.id, index };
    }
    onSelect(next);
  };
  const go = (index: number, isRange = false) => {
    const next = Math.max(0, Math.min(memories.length - 1, index));
    setActive(next);
    if (!isRange) anchor.current = { id: memories[next]?.id, index: next };
    virtual.scrollToIndex(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scrollRef.current?.clientHeight ?? 400) / ROW_PX) - 1);
    const memory = memories[active];
    const mod = event.ctrlKey || event.metaKey;
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        const next = active + (event.key === 'ArrowDown' ? 1 : -1);
        if (event.shiftKey) toggle(Math.max(0, Math.min(memories.length - 1, next)), true);
        go(next, event.shiftKey);
        break;
      }
      case 'PageDown':
        go(active + page);
        break;
      case 'PageUp':
        go(active - page);
        break;
      case 'Home':
        go(0);
        break;
      case 'End':
        go(memories.length - 1);
        break;
      case 'Enter':
        if (memory) onOpen(memory);
        break;
      case ' ':
        toggle(active, event.shiftKey);
        break;
      case 'a':
        if (!mod) return;
        onSelect(new Set(memories.map((one) => one.id)));
        break;
      case 'Delete':
      case 'Backspace':
        // Held down, it would go through the list.
        if (event.repeat) break;
        if (selected.size > 0) onDelete([...selected]);
        else if (memory) onDelete([memory.id]);
        break;
      case 'Escape':
        if (selected.size === 0) return;
        onSelect(new Set());
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const onRowClick = (event: MouseEvent, index: number, memory: Memory) => {
    setActive(index);
    if (event.shiftKey || event.ctrlKey || event.metaKey) {
      toggle(index, event.shiftKey);
      return;
    }
    anchor.current = { id: memory.id, index };
    onOpen(memory);
  };
  const template = gridTemplate(columns);

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {news.size > 0 && (
        <button
          type="button"
          onClick={() => scrollRef.current?.scrollTo({ top: 0 })}
          className="absolute top-10 left-1/2 z-10 flex -translate-x-1/2 items-center gap-1 rounded-full bg-accent px-3 py-1 font-medium text-on-accent text-xs shadow-float hover:bg-accent-hover"
        >
          <ArrowUp className="size-3.5" aria-hidden="true" /> {number(news.size)} new
        </button>
      )}
      <div
        ref={scrollRef}
        role="grid"
        tabIndex={0}
        aria-label={layer === 'working' ? 'Working memories' : 'Long-term memories'}
        aria-rowcount={hasMore ? -1 : memories.length + 1}
        aria-multiselectable="true"
        aria-activedescendant={memories[active] ? `${id}-${memories[active].id}` : undefined}
        aria-busy={list.isLoadingMore}
        onKeyDown={onKeyDown}
        onScroll={onScroll}
        className="group [overflow-anchor:none] min-h-0 flex-1 overflow-y-auto overflow-x-hidden focus-visible:-outline-offset-2"
      >
        <div role="rowgroup" className="sticky top-0 z-5 border-line border-b bg-surface">
          <div
            role="row"
            aria-rowindex={1}
            style={{ gridTemplateColumns: template }}
            className="grid h-8 items-center gap-3 px-3 text-[11px] text-faint"
          >
            <span role="columnheader">
              <Checkbox
                label={selected.size === 0 ? 'Select all that are shown' : 'Select none'}
                checked={selected.size === 0 ? false : selected.size >= memories.length ? true : 'indeterminate'}
                onChange={() => onSelect(selected.size === 0 ? new Set(memories.map((one) => one.id)) : new Set())}
              />
            </span>
            <span role="columnheader">Memory</span>
            {columns.has('type') && <span role="columnheader">Type</span>}
            {columns.has('tags') && <span role="columnheader">Tags</span>}
            {columns.has('score') && (
              <span role="columnheader">{layer === 'working' ? 'Relevance' : 'Importance'}</span>
            )}
            {columns.has('tokens') && (
              <span role="columnheader" className="text-right">
                Tokens
              </span>
            )}
            {columns.has('created') && (
              <span role="columnheader" className="text-right">
                Written
              </span>
            )}
          </div>
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize() }} className="relative">
          {rows.map((row) => {
            const memory = memories[row.index];
            if (memory === undefined) return null;
            const isSelected = selected.has(memory.id);
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys for all rows.
              <div
                key={row.key}
                id={`${id}-${memory.id}`}
                role="row"
                tabIndex={-1}
                aria-rowindex={row.index + 2}
                aria-selected={isSelected}
                onClick={(event) => onRowClick(event, row.index, memory)}
                style={{ gridTemplateColumns: template, height: ROW_PX, transform: `translateY(${row.start}px)` }}
                className={cx(
                  'absolute inset-x-0 top-0 grid cursor-pointer items-center gap-3 border-line/60 border-b px-3',
                  isSelected ? 'bg-accent-soft' : 'hover:bg-hover',
                  memory.id === openId && 'bg-hover shadow-[inset_3px_0_0_var(--accent)]',
                  row.index === active &&
                    'group-focus-visible:outline-2 group-focus-visible:outline-accent-text group-focus-visible:-outline-offset-2',
                )}
              >
                <Row
                  memory={memory}
                  columns={columns}
                  isSelected={isSelected}
                  onToggle={() => toggle(row.index, false)}
                />
              </div>
            );
          })}
        </div>
      </div>
      <p role="status" className="flex h-7 items-center border-line border-t px-3 text-[11px] text-faint tabular-nums">
        {plural(memories.length, 'memory', 'memories')}
        {hasMore && !list.moreError && ' so far; more come as you scroll'}
        {list.isLoadingMore && ' · loading …'}
        {list.moreError && !list.isLoadingMore && (
          <>
            <span className="ml-2 flex-1 text-bad">More could not be loaded.</span>
            <Button size="small" className="h-5" onClick={list.retryMore}>
              Try again
            </Button>
          </>
        )}
      </p>
    </div>
  );
}

function Row({
  memory,
  columns,
  isSelected,
  onToggle,
}: {
  memory: Memory;
  columns: ReadonlySet<ColumnName>;
  isSelected: boolean;
  onToggle(): void;
}) {
  const isLongTerm = memory.layer === 'longterm';
  const closed = isLongTerm && memory.valid_to !== null;
  const score = scoreOf(memory);
  return (
    <>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: only keeps a click on the box from opening the row. */}
      <span role="gridcell" tabIndex={-1} onClick={(event) => event.stopPropagation()}>
        {/* Not a stop of the Tab key: there would be no end of them, and the grid selects with Space. */}
        <Checkbox
          label={`Select: ${excerpt(memory.content.text, 60)}`}
          checked={isSelected}
          onChange={onToggle}
          tabIndex={-1}
        />
      </span>
      <span role="gridcell" tabIndex={-1} className={cx('flex min-w-0 items-center gap-1.5', closed && 'text-faint')}>
        {isLongTerm && memory.pinned && (
          <Pin role="img" aria-label="Pinned" className="size-3.5 shrink-0 text-accent-text" />
        )}
        <span dir="auto" className={cx('one-line', closed && 'line-through')}>
          {excerpt(memory.content.text, 300)}
        </span>
        {memory.deleted_at !== null && <Badge tone="bad">deleted</Badge>}
        {closed && <Badge>superseded</Badge>}
      </span>
      {columns.has('type') && (
        <span role="gridcell" tabIndex={-1}>
          <Badge tone={memory.layer}>{memory.memory_type}</Badge>
        </span>
      )}
      {columns.has('tags') && (
        // Those that have no room stand on a line that is not seen: a tag is shown whole, or at least the first one is.
        <span
          role="gridcell"
          tabIndex={-1}
          title={memory.tags.length > 1 ? memory.tags.slice(0, TAGS_TOLD).map(visibleText).join(', ') : undefined}
          className="flex h-5 min-w-0 flex-wrap gap-x-1 gap-y-2 overflow-hidden"
        >
          {memory.tags.slice(0, TAGS_SHOWN).map((tag) => (
            <Badge key={tag} title={tag} className="max-w-full">
              {visibleText(tag)}
            </Badge>
          ))}
        </span>
      )}
      {columns.has('score') && (
        <span role="gridcell" tabIndex={-1} className="flex items-center gap-2">
          <span aria-hidden="true" className="h-1 w-10 overflow-hidden rounded-full bg-hover">
            <span
              className={cx('block h-full', isLongTerm ? 'bg-longterm' : 'bg-working')}
              style={{ width: `${score * 100}%` }}
            />
          </span>
          <span className="text-[11px] text-muted tabular-nums">{score.toFixed(2)}</span>
        </span>
      )}
      {columns.has('tokens') && (
        <span role="gridcell" tabIndex={-1} className="text-right text-[11px] text-muted tabular-nums">
          {number(memory.token_count)}
        </span>
      )}
      {columns.has('created') && (
        <span role="gridcell" tabIndex={-1} className="one-line text-right text-[11px] text-muted">
          <Ago time={memory.created_at} />
        </span>
      )}
    </>
  );
}

/**
 * Moves nothing under the reader of a scrolled list when rows come and go above, and knows which of those that came have
 * not been seen. At the top, what comes is in sight.
 */
function usePlace(memories: readonly Memory[], scrollRef: RefObject<HTMLDivElement | null>) {
  const before = useRef(memories);
  // Read when it changes: a list that got shorter has been moved by the browser already.
  const top_px = useRef(0);
  const [news, setNews] = useState(NONE);
  const see = useCallback((ids: readonly string[]) => {
    setNews((unseen) => {
      const left = new Set(unseen);
      for (const id of ids) left.delete(id);
      return left.size === unseen.size ? unseen : left;
    });
  }, []);
  useLayoutEffect(() => {
    const list = scrollRef.current;
    if (list === null || before.current === memories) return;
    const kept = keptPlace(before.current, memories, top_px.current, ROW_PX);
    before.current = memories;
    see(kept.gone);
    if (top_px.current < TOP_PX) return;
    if (kept.came.length > 0) setNews((unseen) => new Set([...unseen, ...kept.came]));
    list.scrollTop = kept.top_px;
    top_px.current = list.scrollTop;
  }, [memories, scrollRef, see]);
  const onScroll = () => {
    const list = scrollRef.current;
    if (list === null) return;
    top_px.current = list.scrollTop;
    if (news.size === 0) return;
    if (list.scrollTop < TOP_PX) setNews(NONE);
    else {
      const end_px = list.scrollTop + list.clientHeight;
      see(memories.slice(Math.floor(list.scrollTop / ROW_PX), Math.floor(end_px / ROW_PX)).map(({ id }) => id));
    }
  };
  return { news, onScroll, see };
}

function gridTemplate(columns: ReadonlySet<ColumnName>): string {
  return [
    '16px',
    'minmax(160px, 3fr)',
    columns.has('type') && '86px',
    columns.has('tags') && 'minmax(56px, 1fr)',
    columns.has('score') && '84px',
    columns.has('tokens') && '52px',
    columns.has('created') && '80px',
  ]
    .filter(Boolean)
    .join(' ');
}
