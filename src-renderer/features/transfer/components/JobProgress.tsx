import { CircleAlert, CircleCheck, CirclePause, CircleSlash } from 'lucide-react';
import type { ExportScope, TransferCounts, TransferJob } from '../../../../src-contract/index.ts';
import { bytes, number, plural } from '../../../ui/format.ts';
import { Progress } from '../../../ui/Progress.tsx';
import { isEmpty, percent, shareOf, whose } from '../job-words.ts';
import { JobErrors } from './JobErrors.tsx';

const KINDS: readonly [keyof TransferCounts, string][] = [
  ['sessions', 'Sessions'],
  ['messages', 'Messages'],
  ['working', 'Working memories'],
  ['longterm', 'Long-term memories'],
  ['revisions', 'Revisions'],
  ['links', 'Links'],
];

/** How far a job is, or how it ended. */
export function JobProgress({ job }: { job: TransferJob }) {
  const { bytes_done, bytes_total, records_done } = job.progress;
  const share = shareOf(job);
  return (
    <div className="space-y-4">
      {job.state === 'running' ? (
        <div className="space-y-1.5">
          <Progress label={job.kind === 'import' ? 'Import' : 'Export'} value={share} />
          <p className="flex text-muted text-xs tabular-nums">
            <span className="flex-1">
              {plural(records_done, 'record')} · {bytes(bytes_done)}
              {bytes_total !== null && ` of ${bytes(bytes_total)}`}
            </span>
            {share !== null && <span>{percent(share)}</span>}
          </p>
        </div>
      ) : (
        <Ending job={job} />
      )}
      <JobNumbers job={job} />
    </div>
  );
}

/** What a job brought, and what it left out. */
export function JobNumbers({ job }: { job: TransferJob }) {
  const counts = job.kind === 'import' ? job.added : job.exported;
  const kinds = KINDS.filter(([kind]) => counts[kind] > 0 || (job.kind === 'import' && job.already_there[kind] > 0));
  return (
    <div className="space-y-4">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-1">
        {kinds.map(([kind, name]) => (
          <div key={kind} className="flex justify-between border-line/60 border-b py-1">
            <dt className="text-muted">{name}</dt>
            <dd className="tabular-nums">
              {number(counts[kind])}
              {job.kind === 'import' && job.already_there[kind] > 0 && (
                <span className="text-faint"> · {number(job.already_there[kind])} already there</span>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {job.kind === 'import' && job.error_count > 0 && <JobErrors job={job} />}
    </div>
  );
}

function Ending({ job }: { job: TransferJob }) {
  const what = job.kind === 'import' ? 'Import' : 'Export';
  switch (job.state) {
    case 'succeeded':
      if (job.kind === 'export' && isEmpty(job.exported)) return <NothingToExport scope={job.scope} />;
      return (
        <p role="status" className="flex items-center gap-2 font-medium text-ok">
          <CircleCheck aria-hidden="true" className="size-5" /> {what} finished
          {job.kind === 'import' && job.error_count === 0 && isEmpty(job.added) && isEmpty(job.already_there) && (
            <span className="font-normal text-muted">The file held nothing to remember.</span>
          )}
        </p>
      );
    case 'paused':
      return (
        <p role="status" className="flex items-center gap-2 text-muted">
          <CirclePause aria-hidden="true" className="size-5" /> {what} paused. It goes on from where it is.
        </p>
      );
    case 'cancelled':
      return (
        <p role="status" className="flex items-center gap-2 text-muted">
          <CircleSlash aria-hidden="true" className="size-5" /> {what} cancelled.
          {job.kind === 'import' ? ' What was imported stays; the same file goes on from there.' : ' No file was kept.'}
        </p>
      );
    default:
      return (
        <p role="alert" className="flex items-start gap-2 text-bad">
          <CircleAlert aria-hidden="true" className="mt-0.5 size-5 shrink-0" />
          <span className="content-text">{job.failure ?? `${what} stopped.`}</span>
        </p>
      );
  }
}

function without(scope: ExportScope): string {
  switch (scope.kind) {
    case 'user':
      return `${whose(scope)} has no memory.`;
    case 'users':
      return `of ${whose(scope)} none has any memory.`;
    case 'org':
      return 'nobody has any memory yet.';
  }
}

function NothingToExport({ scope }: { scope: ExportScope }) {
  return (
    <p role="status" className="flex items-start gap-2 text-warn">
      <CircleSlash aria-hidden="true" className="mt-0.5 size-5 shrink-0" />
      <span className="[overflow-wrap:anywhere]">There was nothing to export: {without(scope)}</span>
    </p>
  );
}
