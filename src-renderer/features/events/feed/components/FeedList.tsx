/** Events as rows: which columns there are, and what stands in them. */
import type { RefObject } from 'react';
import type { EventEnvelope } from '../../../../../src-contract/index.ts';
import { moreOfFeed } from '../../../../lists/feed/feed-more.ts';
import type { FeedReader, FeedState } from '../../../../lists/feed/feed-reader.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { plural } from '../../../../ui/format.ts';
import { exactTime, momentOf } from '../../../../ui/moment.ts';
import { type Column, RowGrid } from '../../../../ui/rows/RowGrid.tsx';
import { summaryOf } from '../model/event-summary.ts';
import { TypeBadge } from './TypeBadge.tsx';

const COLUMNS: readonly Column<EventEnvelope>[] = [
  {
    name: 'time',
    heading: 'Time',
    width: '104px',
    className: 'one-line text-[11px] text-muted tabular-nums',
    title: ({ created_at }) => exactTime(created_at),
    cell: ({ created_at }) => <time dateTime={created_at}>{momentOf(created_at)}</time>,
  },
  { name: 'type', heading: 'Type', width: '186px', cell: ({ type }) => <TypeBadge type={type} /> },
  {
    name: 'summary',
    heading: 'What happened',
    width: 'minmax(160px, 3fr)',
    className: 'one-line',
    title: summaryOf,
    cell: (event) => <span dir="auto">{summaryOf(event)}</span>,
  },
  {
    name: 'user',
    heading: 'User',
    width: 'minmax(72px, 1fr)',
    className: 'one-line text-muted',
    title: ({ user_id }) => (user_id === null ? undefined : visibleText(user_id)),
    cell: ({ user_id }) => user_id !== null && <span dir="auto">{visibleText(user_id)}</span>,
  },
  {
    name: 'actor',
    heading: 'By',
    width: 'minmax(72px, 1fr)',
    className: 'one-line text-faint text-[11px]',
    title: ({ actor }) => visibleText(actor),
    cell: ({ actor }) => <span dir="auto">{visibleText(actor.slice(0, 200))}</span>,
  },
];

export interface FeedListProps {
  reader: FeedReader<EventEnvelope>;
  state: FeedState<EventEnvelope>;
  openId: string | undefined;
  onOpen(event: EventEnvelope): void;
  scrollRef: RefObject<HTMLDivElement | null>;
}

export function FeedList({ reader, state, ...rest }: FeedListProps) {
  return (
    <RowGrid
      {...rest}
      label="Events"
      items={state.rows}
      columns={COLUMNS}
      more={moreOfFeed(reader, state)}
      count={plural(state.rows.length, 'event')}
    />
  );
}
