/** Writes that were queued and then refused by their store: what they were, why, and what becomes of them. */
import { useRef } from 'react';
import type { RefusedWrite } from '../../../../../src-contract/index.ts';
import { PagedList } from '../../../../lists/PagedList.tsx';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { fullTime, plural } from '../../../../ui/format.ts';
import { type Column, RowGrid } from '../../../../ui/rows/RowGrid.tsx';
import { EmptyState } from '../../../../ui/states.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { useRefusedWrites } from '../hooks/use-refused-writes.ts';
import { RefusedDetails } from './RefusedDetails.tsx';

const SHOWN = 300;
const SMALL = 'one-line text-[11px] text-muted tabular-nums';

const COLUMNS: readonly Column<RefusedWrite>[] = [
  {
    name: 'refused',
    heading: 'Refused',
    width: '86px',
    className: SMALL,
    title: ({ refused_at }) => fullTime(refused_at),
    cell: ({ refused_at }) => <Ago time={refused_at} />,
  },
  {
    name: 'operation',
    heading: 'What',
    width: 'minmax(110px, 1fr)',
    className: 'one-line',
    cell: ({ operation }) => operation,
  },
  {
    name: 'user',
    heading: 'User',
    width: 'minmax(48px, 0.8fr)',
    className: 'one-line',
    cell: ({ user_id }) => (user_id === null ? '–' : <span dir="auto">{excerpt(user_id, 100)}</span>),
  },
  {
    name: 'error',
    heading: 'Why',
    width: 'minmax(140px, 3fr)',
    className: 'one-line text-xs',
    title: ({ error }) => `${error.code}: ${excerpt(localTimes(error.message), SHOWN)}`,
    cell: ({ error }) => <span dir="auto">{excerpt(localTimes(error.message), SHOWN)}</span>,
  },
  {
    name: 'by',
    heading: 'By',
    width: 'minmax(60px, 0.8fr)',
    className: SMALL,
    cell: ({ actor }) => excerpt(actor, 60),
  },
];

export interface RefusedDrawerProps {
  /** How many there are, as the journal says. */
  count: number | undefined;
  openId: string | undefined;
  onOpen(write: string | undefined): void;
  onClose(): void;
}

export function RefusedDrawer({ count, openId, onOpen, onClose }: RefusedDrawerProps) {
  return (
    <Drawer
      label="Refused writes"
      isWide
      onClose={onClose}
      heading={<h2 className="font-semibold text-[15px]">Refused writes</h2>}
    >
      <p className="border-line border-b px-4 py-2 text-muted text-xs">
        They were queued while their store was away, and it refused them when it was back. They are kept for 30 days;
        what came after them was not held up.
      </p>
      <List count={count} openId={openId} onOpen={onOpen} />
    </Drawer>
  );
}

function List({ count, openId, onOpen }: Omit<RefusedDrawerProps, 'onClose'>) {
  const { query, rows, more } = useRefusedWrites(count);
  const scrollRef = useRef<HTMLDivElement>(null);
  const open = rows.find(({ id }) => id === openId);
  const isEmpty = rows.length === 0 && !more.hasMore;
  return (
    <PagedList query={query}>
      {isEmpty ? (
        <EmptyState title="No refused writes">Everything that was queued is in its store, or waits for it.</EmptyState>
      ) : (
        <RowGrid
          label="Refused writes"
          items={rows}
          columns={COLUMNS}
          openId={openId}
          onOpen={({ id }) => onOpen(id === openId ? undefined : id)}
          more={more}
          count={plural(rows.length, 'refused write')}
          scrollRef={scrollRef}
        />
      )}
      {open && <RefusedDetails key={open.id} write={open} onClose={() => onOpen(undefined)} />}
    </PagedList>
  );
}
