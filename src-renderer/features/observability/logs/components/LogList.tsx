/** Entries as rows: which columns there are, and what stands in them. */
import type { RefObject } from 'react';
import type { LogEntry } from '../../../../../src-contract/index.ts';
import { moreOfFeed } from '../../../../lists/feed/feed-more.ts';
import type { FeedReader, FeedState } from '../../../../lists/feed/feed-reader.ts';
import { cx } from '../../../../ui/classes.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { plural } from '../../../../ui/format.ts';
import { exactTime, momentOf } from '../../../../ui/moment.ts';
import { type Column, RowGrid } from '../../../../ui/rows/RowGrid.tsx';
import { factsOf, sentenceOf } from '../model/log-words.ts';
import { LevelBadge } from './LevelBadge.tsx';

/** Of a text that is shown in a row: nobody sees more of it. */
const MAX_SHOWN = 1000;
const ROW_PX = 32;
const WRAPPED_PX = 78;

const columnsOf = (isWrapped: boolean): readonly Column<LogEntry>[] => [
  {
    name: 'time',
    heading: 'Time',
    width: '104px',
    className: 'one-line text-[11px] text-muted tabular-nums',
    title: ({ created_at }) => exactTime(created_at),
    cell: ({ created_at }) => <time dateTime={created_at}>{momentOf(created_at)}</time>,
  },
  { name: 'level', heading: 'Level', width: '56px', cell: ({ level }) => <LevelBadge level={level} /> },
  {
    name: 'component',
    heading: 'Component',
    width: '104px',
    className: 'one-line text-muted text-xs',
    title: ({ component }) => visibleText(component),
    cell: ({ component }) => <span dir="auto">{visibleText(component)}</span>,
  },
  {
    name: 'message',
    heading: 'What it says',
    width: 'minmax(200px, 1fr)',
    className: isWrapped ? 'line-clamp-3 [overflow-wrap:anywhere]' : 'one-line',
    title: (entry) => visibleText(sentenceOf(entry).slice(0, MAX_SHOWN)),
    cell: (entry) => <Message entry={entry} />,
  },
];
const ONE_LINE = columnsOf(false);
const WRAPPED = columnsOf(true);

function Message({ entry }: { entry: LogEntry }) {
  const isBad = entry.level === 'error' || entry.level === 'fatal';
  return (
    <span dir="auto" className="font-mono text-xs">
      <span className={cx(isBad && 'text-bad', entry.level === 'warn' && 'text-warn')}>
        {visibleText(sentenceOf(entry).slice(0, MAX_SHOWN))}
      </span>{' '}
      <span className="text-faint">{visibleText(factsOf(entry).slice(0, MAX_SHOWN))}</span>
    </span>
  );
}

export interface LogListProps {
  reader: FeedReader<LogEntry>;
  state: FeedState<LogEntry>;
  isWrapped: boolean;
  openId: string | undefined;
  onOpen(entry: LogEntry): void;
  scrollRef: RefObject<HTMLDivElement | null>;
}

export function LogList({ reader, state, isWrapped, ...rest }: LogListProps) {
  return (
    <RowGrid
      {...rest}
      // The heights of all rows change: the list begins anew, at the top.
      key={String(isWrapped)}
      label="Log"
      items={state.rows}
      columns={isWrapped ? WRAPPED : ONE_LINE}
      rowPx={isWrapped ? WRAPPED_PX : ROW_PX}
      more={moreOfFeed(reader, state)}
      count={plural(state.rows.length, 'entry', 'entries')}
    />
  );
}
