/** A report, to be read, taken along, sent and removed. */
import { Download, FileCode, FileText, Printer, Send, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { OpsReport, OpsReportEntry } from '../../../../../src-contract/index.ts';
import { Button, IconButton } from '../../../../ui/Button.tsx';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Confirm } from '../../../../ui/Dialog.tsx';
import { dayAndClock } from '../../../../ui/format.ts';
import { Menu, MenuItem } from '../../../../ui/Menu.tsx';
import { ErrorState, SkeletonRows, StaleNotice } from '../../../../ui/states.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { unitValue } from '../../words/signal-value.ts';
import type { ReportSteering } from '../hooks/use-report-steering.ts';
import { useReport } from '../hooks/use-reports.ts';
import { FigureCard } from './FigureCard.tsx';
import { ReportTables } from './ReportTables.tsx';
import { SendDialog } from './SendDialog.tsx';

export interface ReportReaderProps {
  id: string;
  steering: ReportSteering;
  onRemoved(): void;
}

export function ReportReader({ id, steering, onRemoved }: ReportReaderProps) {
  const query = useReport(id);
  const report = query.data;
  if (report === undefined) {
    return query.isPending ? (
      <SkeletonRows rows={10} className="flex-1" />
    ) : (
      <ErrorState error={query.error} onRetry={() => void query.refetch()} />
    );
  }
  return (
    <section aria-label="Report" className="flex min-w-0 flex-1 flex-col">
      <header className="flex flex-wrap items-center gap-2 border-line border-b px-3 py-2">
        <div className="min-w-56 flex-1">
          <h2 className="font-semibold">{spanWords(report)}</h2>
          <p className="text-muted text-xs [overflow-wrap:anywhere]">
            Made <Ago time={report.created_at} /> {madeBy(report)}
            {report.sent_to.length > 0 && ` · sent to ${report.sent_to.map(visibleText).join(', ')}`}
          </p>
        </div>
        <ReportButtons report={report} steering={steering} onRemoved={onRemoved} />
      </header>
      <div
        role="region"
        aria-label="What the report says"
        tabIndex={0}
        className="min-h-0 flex-1 space-y-3 overflow-y-auto p-3 focus-visible:-outline-offset-2"
      >
        {query.error && <StaleNotice error={query.error} onRetry={() => void query.refetch()} />}
        <Summary report={report} />
        <ul aria-label="Figures" className="grid grid-cols-[repeat(auto-fill,minmax(200px,1fr))] gap-2">
          {report.data.figures.map((figure) => (
            <FigureCard key={figure.key} figure={figure} />
          ))}
        </ul>
        <ReportTables data={report.data} />
      </div>
    </section>
  );
}

export const spanWords = ({ from, to }: Pick<OpsReportEntry, 'from' | 'to'>): string =>
  `${dayAndClock(from)} – ${dayAndClock(to)}`;

export const madeBy = ({ trigger, created_by }: OpsReportEntry): string => {
  if (trigger === 'schedule') return 'by itself';
  return created_by === null ? 'by hand' : `by ${visibleText(created_by)}`;
};

function Summary({ report: { data } }: { report: OpsReport }) {
  const { summary, recorded_percent } = data;
  return (
    <div className="space-y-1">
      <p dir="auto" className="max-w-4xl text-[15px] [overflow-wrap:anywhere]">
        {localTimes(visibleText(summary))}
      </p>
      {recorded_percent < 100 && (
        <p className={`text-xs ${recorded_percent < 90 ? 'text-warn' : 'text-muted'}`}>
          Made of what the agent saw in {unitValue('percent', recorded_percent)} of the time.
        </p>
      )}
    </div>
  );
}

interface ReportButtonsProps extends Omit<ReportReaderProps, 'id'> {
  report: OpsReport;
}

function ReportButtons({ report, steering, onRemoved }: ReportButtonsProps) {
  const [asking, setAsking] = useState<'send' | 'remove'>();
  const { busy, blocked } = steering;
  const { id } = report;
  const remove = async () => {
    if (!(await steering.remove(id))) return;
    setAsking(undefined);
    onRemoved();
  };
  return (
    <div className="flex gap-1.5">
      <Menu
        trigger={
          <Button
            size="small"
            icon={<Download aria-hidden="true" className="size-3.5" />}
            busy={busy === 'save' || busy === 'print'}
          >
            Export
          </Button>
        }
      >
        <MenuItem icon={<FileCode />} onSelect={() => steering.save(id, 'html')}>
          HTML
        </MenuItem>
        <MenuItem icon={<FileText />} onSelect={() => steering.save(id, 'markdown')}>
          Markdown
        </MenuItem>
        <MenuItem icon={<Printer />} onSelect={() => steering.print(id)}>
          Print or save as PDF
        </MenuItem>
      </Menu>
      <Button
        size="small"
        icon={<Send aria-hidden="true" className="size-3.5" />}
        blocked={blocked}
        onClick={() => setAsking('send')}
      >
        Send
      </Button>
      <IconButton
        label="Remove the report"
        icon={<Trash2 aria-hidden="true" className="size-4" />}
        blocked={blocked}
        onClick={() => setAsking('remove')}
      />
      {asking === 'send' && <SendDialog report={report} steering={steering} onClose={() => setAsking(undefined)} />}
      <Confirm
        open={asking === 'remove'}
        onOpenChange={(isOpen) => !isOpen && setAsking(undefined)}
        title="Remove this report?"
        action="Remove it"
        busy={busy === 'remove'}
        onConfirm={() => void remove()}
      >
        The report of {spanWords(report)} is gone for good. What was recorded of that time is kept for a while, but no
        report of it is made again.
      </Confirm>
    </div>
  );
}
