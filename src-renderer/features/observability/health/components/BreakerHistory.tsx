/** What happened to a breaker, or to all of them. */
import { useRef, useState } from 'react';
import type { Breaker, BreakerTransition } from '../../../../../src-contract/index.ts';
import { PagedList } from '../../../../lists/PagedList.tsx';
import { Badge } from '../../../../ui/Badge.tsx';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { excerpt, visibleText } from '../../../../ui/content/visible-text.ts';
import { fullTime, number, plural } from '../../../../ui/format.ts';
import { type Column, RowGrid } from '../../../../ui/rows/RowGrid.tsx';
import { EmptyState } from '../../../../ui/states.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { useSubscriberNames } from '../../../events/hooks/use-subscriber-names.ts';
import { useBreakerHistory } from '../hooks/use-breaker-history.ts';
import { BREAKER_LOOKS } from '../model/breaker-words.ts';
import { breakerTitle } from '../model/service-words.ts';
import { TransitionDetails } from './TransitionDetails.tsx';

const SHOWN = 300;

export interface BreakerHistoryProps {
  /** Without it of all. */
  breaker?: string;
  breakers: readonly Breaker[] | undefined;
}

export function BreakerHistory({ breaker, breakers }: BreakerHistoryProps) {
  const { query, rows, more } = useBreakerHistory(breaker, breakers);
  const nameOf = useSubscriberNames();
  const scrollRef = useRef<HTMLDivElement>(null);
  const [openId, setOpenId] = useState<string>();
  const open = rows.find(({ id }) => id === openId);
  const isEmpty = rows.length === 0 && !more.hasMore;
  return (
    <PagedList query={query}>
      {isEmpty ? (
        <EmptyState title="Nothing has happened yet">
          The last 1,000 changes of each breaker are kept on this computer.
        </EmptyState>
      ) : (
        <RowGrid
          label="Changes of state"
          items={rows}
          columns={breaker === undefined ? [nameColumn(nameOf), ...COLUMNS] : COLUMNS}
          openId={openId}
          onOpen={({ id }) => setOpenId(id === openId ? undefined : id)}
          more={more}
          count={plural(rows.length, 'change')}
          scrollRef={scrollRef}
        />
      )}
      {open && <TransitionDetails transition={open} onClose={() => setOpenId(undefined)} />}
    </PagedList>
  );
}

const nameColumn = (nameOf: (subscriber: string) => string): Column<BreakerTransition> => ({
  name: 'breaker',
  heading: 'Breaker',
  width: 'minmax(70px, 0.8fr)',
  className: 'one-line',
  cell: ({ breaker }) => breakerTitle(breaker, nameOf),
});

const COLUMNS: readonly Column<BreakerTransition>[] = [
  {
    name: 'at',
    heading: 'When',
    width: '92px',
    className: 'one-line text-[11px] text-muted tabular-nums',
    title: ({ at }) => fullTime(at),
    cell: ({ at }) => <Ago time={at} />,
  },
  {
    name: 'change',
    heading: 'Change',
    width: '160px',
    className: 'one-line',
    cell: ({ from, to }) => (
      <>
        <span className="text-faint text-xs">{BREAKER_LOOKS[from].label} → </span>
        <Badge tone={BREAKER_LOOKS[to].tone}>{BREAKER_LOOKS[to].label}</Badge>
      </>
    ),
  },
  {
    name: 'failures',
    heading: 'Failures',
    width: '52px',
    align: 'right',
    className: 'text-muted text-xs tabular-nums',
    cell: ({ failures }) => (failures === null ? '' : number(failures)),
  },
  {
    name: 'why',
    heading: 'Why',
    width: 'minmax(120px, 2fr)',
    className: 'one-line text-xs',
    title: (transition) => excerpt(whyOf(transition), SHOWN),
    cell: (transition) => <span dir="auto">{excerpt(whyOf(transition), SHOWN)}</span>,
  },
  {
    name: 'by',
    heading: 'By',
    width: 'minmax(50px, 0.6fr)',
    className: 'one-line text-muted text-xs',
    title: ({ by }) => (by === null ? undefined : visibleText(by)),
    cell: ({ by }) => (by === null ? 'itself' : excerpt(by, 60)),
  },
];

const whyOf = ({ error, reason }: BreakerTransition): string => (error === null ? (reason ?? '') : localTimes(error));
