/** Every change of a breaker in the time that is shown, with what it failed with. */
import { FileSpreadsheet } from 'lucide-react';
import { useMemo, useRef } from 'react';
import type { BreakerTransition } from '../../../../../src-contract/resilience.ts';
import { Button } from '../../../../ui/Button.tsx';
import { stepWords } from '../../../../ui/charts/time-ticks.ts';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { fullTime, plural } from '../../../../ui/format.ts';
import { type Column, RowGrid } from '../../../../ui/rows/RowGrid.tsx';
import { saveText } from '../../../../ui/save-text.ts';
import { EmptyState, ErrorState, SkeletonRows } from '../../../../ui/states.tsx';
import { useTransitions } from '../hooks/use-transitions.ts';
import { CSV_TYPE, fileName, transitionsCsv } from '../model/csv.ts';
import { changesIn, STATE_WORDS, shortName } from '../model/timeline.ts';
import type { ChartTableProps } from './ChartTable.tsx';

const COLUMNS: Column<BreakerTransition>[] = [
  {
    name: 'time',
    heading: 'Time',
    width: '124px',
    title: ({ at }) => fullTime(at),
    cell: ({ at }) => <time dateTime={at}>{stepWords(Date.parse(at) / 1000)}</time>,
    className: 'one-line tabular-nums',
  },
  {
    name: 'breaker',
    heading: 'Breaker',
    width: 'minmax(80px,1fr)',
    title: ({ breaker }) => breaker,
    cell: ({ breaker }) => shortName(breaker),
    className: 'one-line',
  },
  {
    name: 'change',
    heading: 'Change',
    width: '150px',
    cell: ({ from, to }) => `${STATE_WORDS[from]} → ${STATE_WORDS[to]}`,
    className: 'one-line',
  },
  {
    name: 'why',
    heading: 'Why',
    width: 'minmax(120px,3fr)',
    title: (change) => why(change),
    cell: (change) => why(change),
    className: 'one-line',
  },
];

function why({ failures, error, reason, by }: BreakerTransition): string {
  const parts = [
    failures === null ? null : plural(failures, 'failure'),
    error,
    reason,
    by === null ? null : `by ${by}`,
  ];
  return parts.filter((part) => part !== null && part !== '').join(' · ');
}

export function TransitionsTable({ chart, given, onClose, isFollowing }: ChartTableProps & { isFollowing: boolean }) {
  const scroll = useRef<HTMLDivElement>(null);
  const { frame } = given;
  const { data: read, error, refetch } = useTransitions(frame.from, isFollowing);
  const rows = useMemo(() => changesIn(read?.changes ?? [], frame), [read, frame]);
  const save = () => saveText(fileName(chart.id, frame.from, 'csv'), transitionsCsv(rows.toReversed()), CSV_TYPE);
  return (
    <Drawer
      label={`Table of ${chart.title}`}
      isWide
      onClose={onClose}
      heading={
        <>
          <h2 className="one-line flex-1 font-semibold text-[15px]">{chart.title}</h2>
          <Button
            size="small"
            icon={<FileSpreadsheet className="size-3.5" />}
            disabled={read === undefined}
            onClick={save}
          >
            Save as CSV
          </Button>
        </>
      }
    >
      {read === undefined ? (
        error === null ? (
          <SkeletonRows />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : rows.length === 0 ? (
        <EmptyState title="No breaker changed in this time" />
      ) : (
        <RowGrid
          label={`Changes of ${chart.title}`}
          items={rows}
          columns={COLUMNS}
          openId={undefined}
          onOpen={() => {}}
          count={plural(rows.length, 'change') + (read.isCut ? '; there were more before' : '')}
          scrollRef={scroll}
        />
      )}
    </Drawer>
  );
}
