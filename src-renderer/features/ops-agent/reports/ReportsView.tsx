/** The reports of the ops agent: those there are at the left, the one that is read at the right. */
import { getRouteApi, Link } from '@tanstack/react-router';
import { FilePlus2, FileText } from 'lucide-react';
import { Button } from '../../../ui/Button.tsx';
import { dayAndClock } from '../../../ui/format.ts';
import { EmptyState, ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { Ago } from '../../../ui/Time.tsx';
import { ReportList } from './components/ReportList.tsx';
import { ReportReader } from './components/ReportReader.tsx';
import { useReportSteering } from './hooks/use-report-steering.ts';
import { useReports } from './hooks/use-reports.ts';

const route = getRouteApi('/ops-agent/reports');

export function ReportsView() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useReports();
  const steering = useReportSteering();
  const { blocked } = steering;
  const open = (report: string | undefined, replace = false) =>
    void navigate({ search: report === undefined ? {} : { report }, replace });
  if (query.data === undefined) {
    return query.isPending ? (
      <SkeletonRows rows={10} />
    ) : (
      <ErrorState error={query.error} onRetry={() => void query.refetch()} />
    );
  }
  const [newest] = query.data.pages;
  const openId = search.report ?? newest?.items[0]?.id;
  const make = async () => {
    const made = await steering.make();
    if (made !== undefined) open(made);
  };
  const button = (
    <Button
      look="primary"
      size="small"
      icon={<FilePlus2 aria-hidden="true" className="size-3.5" />}
      busy={steering.busy === 'make'}
      blocked={blocked}
      onClick={() => void make()}
    >
      Make a report now
    </Button>
  );
  return (
    <>
      <header className="flex min-h-11 shrink-0 flex-wrap items-center gap-3 border-line border-b px-3 py-1.5">
        <p className="min-w-0 flex-1 text-muted text-xs">
          <NextAt time={newest?.next_at ?? null} /> Reports are kept for 400 days.
        </p>
        {openId !== undefined && button}
      </header>
      {query.error && !query.isFetchNextPageError && (
        <div className="p-2">
          <StaleNotice error={query.error} onRetry={() => void query.refetch()} />
        </div>
      )}
      {openId === undefined ? (
        <EmptyState icon={<FileText />} title="There are no reports yet" actions={button}>
          A report says how a day was: uptime, latency, alerts, what was healed, and how that compares with the days
          before.
        </EmptyState>
      ) : (
        <div className="flex min-h-0 flex-1">
          <ReportList query={query} openId={openId} onOpen={(id) => open(id)} />
          <ReportReader key={openId} id={openId} steering={steering} onRemoved={() => open(undefined, true)} />
        </div>
      )}
    </>
  );
}

function NextAt({ time }: { time: string | null }) {
  if (time === null) {
    return (
      <>
        No report is made by itself.{' '}
        <Link to="/settings" search={{ section: 'ops' }} className="text-accent-text underline underline-offset-2">
          Change that
        </Link>
        .
      </>
    );
  }
  return (
    <>
      The next one is made <Ago time={time} /> ({dayAndClock(time)}).
    </>
  );
}
