/** The memories of one layer as a list: which columns there are, and what stands in them. */
import { Pin } from 'lucide-react';
import type { RefObject } from 'react';
import { moreOf } from '../../../lists/use-list-state.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { cx } from '../../../ui/classes.ts';
import { excerpt, visibleText } from '../../../ui/content/visible-text.ts';
import { number, plural } from '../../../ui/format.ts';
import { type Column, RowGrid } from '../../../ui/rows/RowGrid.tsx';
import { Ago } from '../../../ui/Time.tsx';
import type { MemoryListState } from '../hooks/use-memory-list.ts';
import { type Layer, type Memory, scoreOf } from '../memory-list-query.ts';
import type { ColumnName } from './columns.ts';

/** Tags of one memory: in its row at most, and in the word about the row. */
const TAGS_SHOWN = 5;
const TAGS_TOLD = 50;

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

const TEXT: Column<Memory> = {
  name: 'text',
  heading: 'Memory',
  width: 'minmax(160px, 3fr)',
  cell: (memory) => <Text memory={memory} />,
};

/** Those that can be hidden. */
const COLUMNS: Readonly<Record<ColumnName, Omit<Column<Memory>, 'name'>>> = {
  type: {
    heading: 'Type',
    width: '86px',
    cell: (memory) => <Badge tone={memory.layer}>{memory.memory_type}</Badge>,
  },
  tags: {
    heading: 'Tags',
    width: 'minmax(56px, 1fr)',
    title: ({ tags }) => (tags.length > 1 ? tags.slice(0, TAGS_TOLD).map(visibleText).join(', ') : undefined),
    // Those that have no room stand on a line that is not seen: a tag is shown whole, or at least the first one is.
    className: 'flex h-5 flex-wrap gap-x-1 gap-y-2 overflow-hidden',
    cell: ({ tags }) =>
      tags.slice(0, TAGS_SHOWN).map((tag) => (
        <Badge key={tag} title={tag} className="max-w-full">
          {visibleText(tag)}
        </Badge>
      )),
  },
  score: {
    heading: 'Score',
    width: '84px',
    className: 'flex items-center gap-2',
    cell: (memory) => <Score memory={memory} />,
  },
  tokens: {
    heading: 'Tokens',
    width: '52px',
    align: 'right',
    className: 'text-[11px] text-muted tabular-nums',
    cell: ({ token_count }) => number(token_count),
  },
  created: {
    heading: 'Written',
    width: '80px',
    align: 'right',
    className: 'one-line text-[11px] text-muted',
    cell: ({ created_at }) => <Ago time={created_at} />,
  },
};

export function MemoryList({ layer, list, columns, selected, onSelect, ...rest }: MemoryListProps) {
  const shown = (Object.keys(COLUMNS) as ColumnName[]).filter((name) => columns.has(name));
  const scoreName = layer === 'working' ? 'Relevance' : 'Importance';
  return (
    <RowGrid
      {...rest}
      label={layer === 'working' ? 'Working memories' : 'Long-term memories'}
      items={list.items}
      columns={[
        TEXT,
        ...shown.map((name) => ({ ...COLUMNS[name], name, ...(name === 'score' ? { heading: scoreName } : {}) })),
      ]}
      selection={{ selected, onSelect, nameOf: ({ content }) => excerpt(content.text, 60) }}
      more={moreOf(list)}
      count={plural(list.items.length, 'memory', 'memories')}
    />
  );
}

function Text({ memory }: { memory: Memory }) {
  const isLongTerm = memory.layer === 'longterm';
  const closed = isLongTerm && memory.valid_to !== null;
  return (
    <span className={cx('flex min-w-0 items-center gap-1.5', closed && 'text-faint')}>
      {isLongTerm && memory.pinned && (
        <Pin role="img" aria-label="Pinned" className="size-3.5 shrink-0 text-accent-text" />
      )}
      <span dir="auto" className={cx('one-line', closed && 'line-through')}>
        {excerpt(memory.content.text, 300)}
      </span>
      {memory.deleted_at !== null && <Badge tone="bad">deleted</Badge>}
      {closed && <Badge>superseded</Badge>}
    </span>
  );
}

function Score({ memory }: { memory: Memory }) {
  const score = scoreOf(memory);
  return (
    <>
      <span aria-hidden="true" className="h-1 w-10 overflow-hidden rounded-full bg-hover">
        <span
          className={cx('block h-full', memory.layer === 'longterm' ? 'bg-longterm' : 'bg-working')}
          style={{ width: `${score * 100}%` }}
        />
      </span>
      <span className="text-[11px] text-muted tabular-nums">{score.toFixed(2)}</span>
    </>
  );
}
