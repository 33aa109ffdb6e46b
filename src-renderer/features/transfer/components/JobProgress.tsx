import { CircleAlert, CircleCheck, CircleSlash } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import type { ImportJob, TransferCounts, TransferJob } from '../../../../src-contract/index.ts';
import { client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Button } from '../../../ui/Button.tsx';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { bytes, number, plural } from '../../../ui/format.ts';
import { Progress } from '../../../ui/Progress.tsx';

const KINDS: readonly [keyof TransferCounts, string][] = [
  ['sessions', 'Sessions'],
  ['messages', 'Messages'],
  ['working', 'Working memories'],
  ['longterm', 'Long-term memories'],
  ['revisions', 'Revisions'],
  ['links', 'Links'],
];
const ERRORS_SHOWN = 200;

/** How far a job is, or how it ended. */
export function JobProgress({ job }: { job: TransferJob }) {
  const { bytes_done, bytes_total, records_done } = job.progress;
  const share = bytes_total ? Math.min(1, bytes_done / bytes_total) : null;
  const counts = job.kind === 'import' ? job.added : job.exported;
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
            {share !== null && <span>{Math.floor(share * 100)} %</span>}
          </p>
        </div>
      ) : (
        <Ending job={job} />
      )}
      <dl className="grid grid-cols-2 gap-x-6 gap-y-1">
        {KINDS.filter(([kind]) => counts[kind] > 0 || (job.kind === 'import' && job.already_there[kind] > 0)).map(
          ([kind, name]) => (
            <div key={kind} className="flex justify-between border-line/60 border-b py-1">
              <dt className="text-muted">{name}</dt>
              <dd className="tabular-nums">
                {number(counts[kind])}
                {job.kind === 'import' && job.already_there[kind] > 0 && (
                  <span className="text-faint"> · {number(job.already_there[kind])} already there</span>
                )}
              </dd>
            </div>
          ),
        )}
      </dl>
      {job.kind === 'import' && job.error_count > 0 && <Errors job={job} />}
    </div>
  );
}

function Ending({ job }: { job: TransferJob }) {
  const what = job.kind === 'import' ? 'Import' : 'Export';
  switch (job.state) {
    case 'succeeded':
      return (
        <p role="status" className="flex items-center gap-2 font-medium text-ok">
          <CircleCheck aria-hidden="true" className="size-5" /> {what} finished
        </p>
      );
    case 'cancelled':
      return (
        <p role="status" className="flex items-center gap-2 text-muted">
          <CircleSlash aria-hidden="true" className="size-5" /> {what} cancelled.
          {job.kind === 'import' && ' What was imported stays; the same file goes on from there.'}
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

function Errors({ job }: { job: ImportJob }) {
  const shown = job.errors.slice(0, ERRORS_SHOWN);
  const asText = () => job.errors.map(({ line, message }) => `${line ?? '–'}\t${message}`).join('\n');
  return (
    <details className="rounded-lg border border-line" open={job.state !== 'running'}>
      <summary className="flex cursor-pointer items-center gap-2 px-3 py-2 text-warn">
        <span className="flex-1">{plural(job.error_count, 'record')} could not be imported</span>
        <CopyButton text={asText} what="Copy the errors" />
      </summary>
      <ul className="max-h-48 overflow-y-auto border-line border-t px-3 py-2 text-xs">
        {shown.map((error) => (
          <li key={`${error.line} ${error.record} ${error.message}`} className="flex gap-3 py-0.5">
            <span className="w-20 shrink-0 text-faint tabular-nums">
              {error.line === null
                ? error.record === null
                  ? ''
                  : `record ${number(error.record)}`
                : `line ${number(error.line)}`}
            </span>
            <span className="content-text">{visibleText(error.message)}</span>
          </li>
        ))}
        {job.error_count > shown.length && (
          <li className="text-faint">and {number(job.error_count - shown.length)} more</li>
        )}
      </ul>
    </details>
  );
}

export function CancelButton({ job }: { job: TransferJob }) {
  const [busy, setBusy] = useState(false);
  const cancel = async () => {
    setBusy(true);
    try {
      await client.transfer.cancel({ job_id: job.job_id });
    } catch (error) {
      toast.error(problemOf(error).message);
    }
    setBusy(false);
  };
  return (
    <Button busy={busy} onClick={cancel}>
      Cancel the {job.kind}
    </Button>
  );
}
