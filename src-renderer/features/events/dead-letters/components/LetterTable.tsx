/** The dead letters as a list: which columns there are, and what stands in them. */
import { Pencil } from 'lucide-react';
import type { RefObject } from 'react';
import type { DeadLetterSummary } from '../../../../../src-contract/index.ts';
import { moreOf } from '../../../../lists/use-list-state.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { excerpt, visibleText } from '../../../../ui/content/visible-text.ts';
import { fullTime, number, plural } from '../../../../ui/format.ts';
import { type Column, RowGrid } from '../../../../ui/rows/RowGrid.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import type { LetterList } from '../hooks/use-letter-list.ts';
import { lifeInWords, STATE_TONES } from '../letter-words.ts';
import { RetryTime } from './RetryTime.tsx';

export interface LetterTableProps {
  list: LetterList;
  nameOf(subscriber: string): string;
  selected: ReadonlySet<string>;
  onSelect(ids: ReadonlySet<string>): void;
  openId: string | undefined;
  onOpen(letter: DeadLetterSummary): void;
  onDelete(ids: readonly string[]): void;
  scrollRef: RefObject<HTMLDivElement | null>;
}

export function LetterTable({ list, nameOf, selected, onSelect, ...rest }: LetterTableProps) {
  return (
    <RowGrid
      {...rest}
      label="Dead letters"
      items={list.items}
      columns={columnsOf(nameOf)}
      selection={{
        selected,
        onSelect,
        nameOf: ({ event_type, event_id }) => `${excerpt(event_type, 60)} ${event_id}`,
      }}
      more={moreOf(list)}
      count={plural(list.items.length, 'dead letter')}
    />
  );
}

function columnsOf(nameOf: (subscriber: string) => string): Column<DeadLetterSummary>[] {
  return [
    {
      name: 'state',
      heading: 'State',
      width: 'minmax(78px, 150px)',
      title: stateTitle,
      className: 'one-line',
      cell: (letter) => <State letter={letter} />,
    },
    {
      name: 'type',
      heading: 'Event',
      width: 'minmax(130px, 210px)',
      title: ({ event_type, event_id }) => `${visibleText(event_type)}, event ${event_id}`,
      className: 'one-line font-mono text-xs',
      cell: ({ event_type }) => excerpt(event_type, 100),
    },
    {
      name: 'subscriber',
      heading: 'Subscriber',
      width: 'minmax(80px, 1fr)',
      title: ({ subscriber }) => subscriber,
      className: 'one-line',
      cell: ({ subscriber }) => <span dir="auto">{nameOf(subscriber)}</span>,
    },
    {
      name: 'user',
      heading: 'User',
      width: 'minmax(48px, 110px)',
      title: ({ user_id }) => (user_id === null ? undefined : visibleText(user_id)),
      className: 'one-line',
      cell: ({ user_id }) =>
        user_id === null ? <span className="text-faint">none</span> : <span dir="auto">{excerpt(user_id, 100)}</span>,
    },
    {
      name: 'error',
      heading: 'Error',
      width: 'minmax(140px, 3fr)',
      title: ({ error_name, error_message }) => `${visibleText(error_name)}: ${excerpt(error_message, 600)}`,
      className: 'flex items-center gap-1.5',
      cell: ({ error_message, error_name, edited }) => (
        <>
          {edited && <Pencil role="img" aria-label="Edited" className="size-3.5 shrink-0 text-accent-text" />}
          <span dir="auto" className="one-line">
            {excerpt(error_message, 300) || excerpt(error_name, 100)}
          </span>
        </>
      ),
    },
    {
      name: 'attempts',
      heading: 'Tries',
      width: '40px',
      align: 'right',
      className: 'text-muted text-xs tabular-nums',
      cell: ({ attempt_count }) => number(attempt_count),
    },
    {
      name: 'failed',
      heading: 'Failed',
      width: '78px',
      align: 'right',
      className: 'one-line text-[11px] text-muted',
      cell: ({ failed_at }) => <Ago time={failed_at} />,
    },
  ];
}

function stateTitle(letter: DeadLetterSummary): string {
  const { life } = letter;
  switch (life.state) {
    case 'dead':
      return life.retry_at === null ? lifeInWords(letter) : `To be replayed by itself ${fullTime(life.retry_at)}`;
    case 'replaying':
      return `${lifeInWords(letter)} Since ${fullTime(life.since)}.`;
    case 'resolved':
      return `${lifeInWords(letter)} ${fullTime(life.at)}.`;
    case 'discarded':
      return `${visibleText(life.by)} gave it up: ${excerpt(life.reason, 300)}`;
  }
}

/** The state, and what of its life matters now. */
function State({ letter: { life } }: { letter: DeadLetterSummary }) {
  return (
    <>
      <Badge tone={STATE_TONES[life.state]}>{life.state}</Badge>
      {life.state === 'dead' && life.retry_at !== null && (
        <span className="ml-1.5 text-[11px] text-muted">
          retry <RetryTime at={life.retry_at} />
        </span>
      )}
    </>
  );
}
