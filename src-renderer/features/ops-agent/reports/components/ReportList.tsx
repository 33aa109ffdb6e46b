import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { cx } from '../../../../ui/classes.ts';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { day } from '../../../../ui/format.ts';
import type { useReports } from '../hooks/use-reports.ts';
import { madeBy, spanWords } from './ReportReader.tsx';

const SUMMARY_SHOWN = 160;

export interface ReportListProps {
  query: ReturnType<typeof useReports>;
  openId: string | undefined;
  onOpen(id: string): void;
}

/** The reports there are, newest first. */
export function ReportList({ query, openId, onOpen }: ReportListProps) {
  const reports = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <nav aria-label="Reports" className="flex w-72 shrink-0 flex-col overflow-y-auto border-line border-r max-lg:w-52">
      <ul className="divide-y divide-line/60">
        {reports.map((report) => (
          <li key={report.id}>
            <button
              type="button"
              aria-current={report.id === openId ? 'true' : undefined}
              title={spanWords(report)}
              onClick={() => onOpen(report.id)}
              className={cx(
                'block w-full space-y-0.5 px-3 py-2 text-left focus-visible:-outline-offset-2',
                report.id === openId ? 'bg-accent-soft' : 'hover:bg-hover',
              )}
            >
              <span className="flex items-baseline gap-2">
                <span className="one-line flex-1 font-medium">{day(report.to)}</span>
                <span className="one-line max-w-28 text-[11px] text-muted">{madeBy(report)}</span>
              </span>
              <span dir="auto" className="line-clamp-2 block text-muted text-xs [overflow-wrap:anywhere]">
                {localTimes(excerpt(report.summary, SUMMARY_SHOWN))}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <div className="space-y-1 p-2">
          <Button size="small" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Load more
          </Button>
          {query.isFetchNextPageError && <p className="text-bad text-xs">{problemOf(query.error).message}</p>}
        </div>
      )}
    </nav>
  );
}
