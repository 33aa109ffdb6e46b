/** Alerts as a list: which columns there are, and what stands in them. */
import { useRef } from 'react';
import type { OpsAlert } from '../../../../../src-contract/index.ts';
import type { MorePages } from '../../../../lists/use-pages.ts';
import { excerpt, visibleText } from '../../../../ui/content/visible-text.ts';
import { plural } from '../../../../ui/format.ts';
import { type Column, RowGrid } from '../../../../ui/rows/RowGrid.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { LabelChips } from '../../words/LabelChips.tsx';
import { labelWords } from '../../words/labels.ts';
import { SeverityBadge } from '../../words/SeverityBadge.tsx';
import { marksOf, STATE_HELP } from '../model/alert-words.ts';
import { AlertStateBadge } from './AlertStateBadge.tsx';
import { Lasting } from './Lasting.tsx';

export interface AlertTableProps {
  label: string;
  rows: readonly OpsAlert[];
  more: MorePages;
  openId: string | undefined;
  onOpen(alert: OpsAlert): void;
}

export function AlertTable({ label, rows, more, openId, onOpen }: AlertTableProps) {
  const scrollRef = useRef<HTMLDivElement>(null);
  return (
    <RowGrid
      label={label}
      items={rows}
      columns={COLUMNS}
      openId={openId}
      onOpen={onOpen}
      more={more}
      count={plural(rows.length, 'alert')}
      scrollRef={scrollRef}
    />
  );
}

const COLUMNS: Column<OpsAlert>[] = [
  {
    name: 'severity',
    heading: 'Severity',
    width: '64px',
    cell: ({ severity }) => <SeverityBadge severity={severity} />,
  },
  {
    name: 'summary',
    heading: 'What is wrong',
    width: 'minmax(180px, 3fr)',
    title: (alert) => [visibleText(alert.summary), ...marksOf(alert)].join(' · '),
    className: 'flex items-center gap-2',
    cell: (alert) => (
      <>
        <span dir="auto" className="one-line">
          {excerpt(alert.summary, 300)}
        </span>
        {marksOf(alert).length > 0 && (
          <span className="one-line min-w-12 max-w-[45%] shrink-0 text-[11px] text-muted">
            {marksOf(alert).join(' · ')}
          </span>
        )}
      </>
    ),
  },
  {
    name: 'labels',
    heading: 'Labels',
    width: 'minmax(90px, 1.4fr)',
    title: ({ labels }) => labelWords(labels),
    className: 'one-line',
    cell: ({ labels }) => <LabelChips labels={labels} className="h-5 overflow-hidden" />,
  },
  {
    name: 'rule',
    heading: 'Rule',
    width: 'minmax(80px, 1.2fr)',
    title: ({ rule_name }) => visibleText(rule_name),
    className: 'one-line text-muted',
    cell: ({ rule_name }) => <span dir="auto">{excerpt(rule_name, 100)}</span>,
  },
  {
    name: 'state',
    heading: 'State',
    width: 'minmax(150px, 220px)',
    title: ({ state }) => STATE_HELP[state.state],
    className: 'flex items-center gap-1.5 text-[11px] text-muted',
    cell: (alert) => (
      <>
        <AlertStateBadge state={alert.state} />
        <span className="one-line">
          <Lasting alert={alert} />
        </span>
      </>
    ),
  },
  {
    name: 'since',
    heading: 'Began',
    width: '78px',
    align: 'right',
    className: 'one-line text-[11px] text-muted',
    cell: ({ started_at }) => <Ago time={started_at} />,
  },
];
