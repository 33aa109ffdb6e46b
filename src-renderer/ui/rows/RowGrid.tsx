/**
 * A list that stays smooth at 100,000 rows: only what is in sight is in the page. It is a grid for screen readers, and
 * everything in it can be done with the keyboard.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowUp } from 'lucide-react';
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { Button } from '../Button.tsx';
import { cx } from '../classes.ts';
import { Checkbox } from '../fields.tsx';
import { number } from '../format.ts';
import { placeIn, type Row, type RowPlace } from './row-place.ts';
import { TOP_PX, usePlace } from './use-place.ts';

const ROW_PX = 38;
const HEADING_PX = 33;
/** Rows from the end at which the next page is asked for. */
const AHEAD = 40;
const NOTHING: ReadonlySet<string> = new Set();

/** Which rows of the list are in sight, those ahead included. */
export function rowsInSight(list: HTMLElement | null): { rows: number; isScrolled: boolean } {
  const { scrollTop = 0, clientHeight = 0 } = list ?? {};
  return { rows: Math.ceil((scrollTop + clientHeight) / ROW_PX) + AHEAD, isScrolled: scrollTop >= TOP_PX };
}

export interface Column<T> {
  name: string;
  heading: ReactNode;
  /** As a track of a CSS grid: `80px`, `minmax(160px, 3fr)`. */
  width: string;
  align?: 'right';
  title?(item: T): string | undefined;
  cell(item: T): ReactNode;
  className?: string;
}

export interface RowGridProps<T extends Row> {
  label: string;
  items: readonly T[];
  columns: readonly Column<T>[];
  /** The row whose details are open. */
  openId: string | undefined;
  onOpen(item: T): void;
  /** Without it rows are opened only, and there are no boxes. */
  selection?: {
    selected: ReadonlySet<string>;
    onSelect(ids: ReadonlySet<string>): void;
    /** What the box of a row is called. */
    nameOf(item: T): string;
  };
  /** With the Delete key: those selected, or the one that is marked. */
  onDelete?(ids: readonly string[]): void;
  more?: {
    hasMore: boolean;
    isLoading: boolean;
    /** The next page could not be read; it is not asked for again by itself. */
    isFailed: boolean;
    load(): void;
    retry(): void;
  };
  /** Under the list: how many there are, such as "12 memories". */
  count: string;
  scrollRef: RefObject<HTMLDivElement | null>;
  /** Height of each row; as long as the grid is shown, it stays the same. */
  rowPx?: number;
}

export function RowGrid<T extends Row>({
  label,
  items,
  columns,
  openId,
  onOpen,
  selection,
  onDelete,
  more,
  count,
  scrollRef,
  rowPx = ROW_PX,
}: RowGridProps<T>) {
  const id = useId();
  const selected = selection?.selected ?? NOTHING;
  const [place, setPlace] = useState<RowPlace>({ id: undefined, index: 0 });
  // The row itself is kept, not its number: what is written meanwhile moves it.
  const active = placeIn(items, place);
  const setActive = (index: number) => setPlace({ id: items[index]?.id, index });
  /** Where a range begins; the row itself as well, and where it was should it go. */
  const anchor = useRef<RowPlace>({ id: undefined, index: 0 });
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => rowPx,
    overscan: 12,
    // The heading stands above the first row and stays in sight.
    scrollPaddingEnd: HEADING_PX,
    // With another function, the places of all rows would be reckoned anew.
    getItemKey: useCallback((index: number) => items[index]?.id ?? index, [items]),
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  const activeId = items[active]?.id;
  const isDrawn = rows.some(({ index }) => index === active);
  const { hasMore = false, load } = more ?? {};
  const hasFailed = more?.isFailed === true && !more.isLoading;
  useEffect(() => {
    if (hasMore && last >= items.length - AHEAD) load?.();
  }, [hasMore, last, items.length, load]);

  const { news, onScroll, see } = usePlace(items, rowPx, scrollRef);
  // What comes while its details are open was made here, by editing: the list goes along with it.
  useEffect(() => {
    if (openId === undefined || !news.has(openId)) return;
    const index = items.findIndex((item) => item.id === openId);
    see([openId]);
    setPlace({ id: openId, index });
    virtual.scrollToIndex(index);
  }, [openId, news, items, see, virtual]);

  const all = () => selection?.onSelect(new Set(items.map((item) => item.id)));
  const toggle = (index: number, range: boolean) => {
    const item = items[index];
    if (item === undefined || selection === undefined) return;
    const next = new Set(selected);
    if (range) {
      const begin = placeIn(items, anchor.current);
      const [from, to] = [Math.min(begin, index), Math.max(begin, index)];
      for (const one of items.slice(from, to + 1)) next.add(one.id);
    } else {
      if (!next.delete(item.id)) next.add(item.id);
      anchor.current = { id: item.id, index };
    }
    selection.onSelect(next);
  };
  const go = (index: number, isRange = false) => {
    const next = Math.max(0, Math.min(items.length - 1, index));
    setActive(next);
    if (!isRange) anchor.current = { id: items[next]?.id, index: next };
    virtual.scrollToIndex(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isPressed(event)) return;
    const page = Math.max(1, Math.floor((scrollRef.current?.clientHeight ?? 400) / rowPx) - 1);
    const item = items[active];
    const mod = event.ctrlKey || event.metaKey;
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        const next = active + (event.key === 'ArrowDown' ? 1 : -1);
        const isRange = event.shiftKey && selection !== undefined;
        if (isRange) toggle(Math.max(0, Math.min(items.length - 1, next)), true);
        go(next, isRange);
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
        go(items.length - 1);
        break;
      case 'Enter':
        if (item) onOpen(item);
        break;
      case ' ':
        if (selection) toggle(active, event.shiftKey);
        else if (item) onOpen(item);
        break;
      case 'a':
        if (!mod || selection === undefined) return;
        all();
        break;
      case 'Delete':
      case 'Backspace':
        if (onDelete === undefined) return;
        // Held down, it would go through the list.
        if (event.repeat) break;
        if (selected.size > 0) onDelete([...selected]);
        else if (item) onDelete([item.id]);
        break;
      case 'Escape':
        if (selected.size === 0) return;
        selection?.onSelect(NOTHING);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const onRowClick = (event: MouseEvent, index: number, item: T) => {
    setActive(index);
    if (selection && (event.shiftKey || event.ctrlKey || event.metaKey)) {
      toggle(index, event.shiftKey);
      return;
    }
    anchor.current = { id: item.id, index };
    onOpen(item);
  };
  const template = [...(selection ? ['16px'] : []), ...columns.map(({ width }) => width)].join(' ');

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
        aria-label={label}
        aria-rowcount={hasMore ? -1 : items.length + 1}
        aria-multiselectable={selection !== undefined}
        aria-activedescendant={activeId !== undefined && isDrawn ? `${id}-${activeId}` : undefined}
        aria-busy={more?.isLoading ?? false}
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
            {selection && (
              <span role="columnheader">
                <Checkbox
                  label={selected.size === 0 ? 'Select all that are shown' : 'Select none'}
                  checked={selected.size === 0 ? false : selected.size >= items.length ? true : 'indeterminate'}
                  onChange={() => (selected.size === 0 ? all() : selection.onSelect(NOTHING))}
                />
              </span>
            )}
            {columns.map((column) => (
              <span key={column.name} role="columnheader" className={cx(column.align === 'right' && 'text-right')}>
                {column.heading}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize() }} className="relative">
          {rows.map((row) => {
            const item = items[row.index];
            if (item === undefined) return null;
            const isSelected = selected.has(item.id);
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys for all rows.
              <div
                key={row.key}
                id={`${id}-${item.id}`}
                role="row"
                tabIndex={-1}
                aria-rowindex={row.index + 2}
                aria-selected={isSelected}
                onClick={(event) => onRowClick(event, row.index, item)}
                style={{ gridTemplateColumns: template, height: rowPx, transform: `translateY(${row.start}px)` }}
                className={cx(
                  'absolute inset-x-0 top-0 grid cursor-pointer items-center gap-3 border-line/60 border-b px-3',
                  isSelected ? 'bg-accent-soft' : 'hover:bg-hover',
                  item.id === openId && 'bg-hover shadow-[inset_3px_0_0_var(--accent)]',
                  row.index === active &&
                    'group-focus-visible:outline-2 group-focus-visible:outline-accent-text group-focus-visible:-outline-offset-2',
                )}
              >
                {selection && (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: only keeps a click on the box from opening the row.
                  <span role="gridcell" tabIndex={-1} onClick={(event) => event.stopPropagation()}>
                    {/* Not a stop of the Tab key: there would be no end of them, and the grid selects with Space. */}
                    <Checkbox
                      label={`Select: ${selection.nameOf(item)}`}
                      checked={isSelected}
                      onChange={() => toggle(row.index, false)}
                      tabIndex={-1}
                    />
                  </span>
                )}
                <Cells item={item} columns={columns} />
              </div>
            );
          })}
        </div>
      </div>
      <p className="flex h-7 items-center border-line border-t px-3 text-[11px] text-faint tabular-nums">
        {count}
        {hasMore && !more?.isFailed && ' so far; more come as you scroll'}
        {/* Without the count, which would be announced anew with each row that comes. */}
        <span role="status" className={cx('whitespace-pre', hasFailed && 'ml-2 flex-1 text-bad')}>
          {more?.isLoading && ' · loading …'}
          {hasFailed && 'More could not be loaded.'}
        </span>
        {hasFailed && (
          <Button size="small" className="h-5" onClick={more.retry}>
            Try again
          </Button>
        )}
      </p>
    </div>
  );
}

/** Whether the key presses what has the focus inside the grid, such as the box in its heading. */
function isPressed({ key, target }: KeyboardEvent): boolean {
  return (key === ' ' || key === 'Enter') && target instanceof Element && target.closest('button, a, input') !== null;
}

function Cells<T>({ item, columns }: { item: T; columns: readonly Column<T>[] }) {
  return columns.map((column) => (
    <span
      key={column.name}
      role="gridcell"
      tabIndex={-1}
      title={column.title?.(item)}
      className={cx('min-w-0', column.align === 'right' && 'text-right', column.className)}
    >
      {column.cell(item)}
    </span>
  ));
}
