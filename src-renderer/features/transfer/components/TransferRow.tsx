/** One import or export of the list, with what can be done about it. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, ChevronRight, Download, Upload, X } from 'lucide-react';
import { useId, useState } from 'react';
import { toast } from 'sonner';
import type { TransferJob } from '../../../../src-contract/index.ts';
import { useDialogs } from '../../../app/dialog-store.ts';
import { useReadOnly } from '../../../app/read-only.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { excerpt, visibleText } from '../../../ui/content/visible-text.ts';
import { Confirm } from '../../../ui/Dialog.tsx';
import { plural } from '../../../ui/format.ts';
import { Progress } from '../../../ui/Progress.tsx';
import { RowHeading } from '../../../ui/RowHeading.tsx';
import { ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { Ago } from '../../../ui/Time.tsx';
import { inWordsOfTheFile } from '../file-problem.ts';
import { jobQuery } from '../hooks/use-job.ts';
import { countsInWords, duration, isEmpty, nameOf, outcomeOf, percent, shareOf } from '../job-words.ts';
import { useTransferStore } from '../transfer-store.ts';
import { CancelButton } from './CancelButton.tsx';
import { ExportedFile } from './ExportedFile.tsx';
import { JobNumbers } from './JobProgress.tsx';
import { KIND_NAMES } from './kind-names.ts';
import { SaveExport } from './SaveExport.tsx';

export function TransferRow({ job }: { job: TransferJob }) {
  const detailsId = useId();
  const [isUnfolded, unfold] = useState(useTransferStore.getState().unfolded === job.job_id);
  const name = nameOf(job);
  return (
    <li aria-label={name} className="rounded-lg border border-line">
      <div className="space-y-2 p-3">
        <RowHeading
          Icon={job.kind === 'import' ? Upload : Download}
          name={name}
          state={outcomeOf(job)}
          actions={<Dismiss job={job} name={name} />}
        >
          <Facts job={job} />
        </RowHeading>
        {job.state === 'running' ? <Running job={job} /> : <Summary job={job} />}
        <div className="flex flex-wrap items-center gap-2 pl-5">
          {hasDetails(job) && (
            <Button
              look="ghost"
              size="small"
              aria-expanded={isUnfolded}
              aria-controls={detailsId}
              icon={isUnfolded ? <ChevronDown className="size-3.5" /> : <ChevronRight className="size-3.5" />}
              onClick={() => unfold(!isUnfolded)}
            >
              {job.kind === 'import' && job.error_count > 0 ? plural(job.error_count, 'error') : 'Details'}
            </Button>
          )}
          <span className="flex-1" />
          {job.state === 'running' && <PauseButton job={job} />}
          {job.state === 'running' && <CancelButton job={job} size="small" />}
          {job.can_resume !== null && <GoOn job={job} />}
          {job.kind === 'export' && job.state === 'succeeded' && !isEmpty(job.exported) && <SaveExport job={job} />}
        </div>
      </div>
      <div id={detailsId} className={isUnfolded ? 'border-line border-t p-3' : undefined}>
        {isUnfolded && <Details job_id={job.job_id} />}
      </div>
    </li>
  );
}

function hasDetails(job: TransferJob): boolean {
  if (job.kind === 'export') return !isEmpty(job.exported);
  return job.error_count > 0 || !isEmpty(job.added) || !isEmpty(job.already_there);
}

function Facts({ job }: { job: TransferJob }) {
  const kind = job.kind === 'export' ? 'Export' : job.format === null ? 'Import' : KIND_NAMES[job.format];
  const whose = job.kind === 'import' && job.user_id !== null ? ` · for ${excerpt(job.user_id, 60)}` : '';
  return (
    <>
      {kind}
      {whose} · started <Ago time={job.started_at} />
      {job.finished_at && ` · took ${duration(job.started_at, job.finished_at)}`}
    </>
  );
}

function Running({ job }: { job: TransferJob }) {
  const share = shareOf(job);
  return (
    <div className="flex items-center gap-3 pl-7">
      <Progress label={`${job.kind === 'import' ? 'Import' : 'Export'} of ${nameOf(job)}`} value={share} />
      <span className="shrink-0 text-muted text-xs tabular-nums">
        {share === null ? plural(job.progress.records_done, 'record') : percent(share)}
      </span>
    </div>
  );
}

function Summary({ job }: { job: TransferJob }) {
  const counts = job.kind === 'import' ? job.added : job.exported;
  const there = job.kind === 'import' ? countsInWords(job.already_there) : '';
  const words = countsInWords(counts);
  const lines = [
    job.failure === null ? '' : visibleText(job.failure),
    words !== '' && `${job.kind === 'import' ? 'Added' : 'Holds'} ${words}.`,
    there !== '' && `Already there: ${there}.`,
    job.kind === 'import' && job.can_resume === 'same_file' && SAME_FILE,
    job.kind === 'import' && job.can_resume === null && WAS_STOPPED.has(job.state) && GONE_ON,
  ].filter(Boolean);
  if (lines.length === 0) return null;
  return <p className="pl-7 text-xs [overflow-wrap:anywhere]">{lines.join(' ')}</p>;
}

const SAME_FILE = 'Choose the same file again to go on; what was imported is not imported twice.';

const WAS_STOPPED: ReadonlySet<TransferJob['state']> = new Set(['cancelled', 'interrupted']);
const GONE_ON = 'A later import of the file went on with it.';

/** Everything the engine keeps of the job: the list has its first errors only. */
function Details({ job_id }: { job_id: string }) {
  const { data, error, refetch } = useQuery(jobQuery(job_id));
  if (data) {
    return (
      <div className="space-y-3">
        <JobNumbers job={data} />
        {data.kind === 'export' && data.sha256 !== null && <ExportedFile job={data} />}
      </div>
    );
  }
  return error ? <ErrorState error={error} onRetry={() => void refetch()} /> : <SkeletonRows rows={2} />;
}

function PauseButton({ job }: { job: TransferJob }) {
  const queryClient = useQueryClient();
  const [busy, setBusy] = useState(false);
  const pause = async () => {
    setBusy(true);
    try {
      await client.transfer.pause({ job_id: job.job_id });
      await queryClient.invalidateQueries({ queryKey: api.transfer.key() });
    } catch (error) {
      toast.error(problemOf(error).message);
    }
    setBusy(false);
  };
  return (
    <Button size="small" look="ghost" busy={busy} onClick={pause}>
      Pause
    </Button>
  );
}

function GoOn({ job }: { job: TransferJob }) {
  const queryClient = useQueryClient();
  const open = useDialogs((store) => store.open);
  const readOnly = useReadOnly();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const resume = async () => {
    setBusy(true);
    try {
      const { job_id } = await client.transfer.resume({ job_id: job.job_id });
      useTransferStore.getState().start(job_id);
      await queryClient.invalidateQueries({ queryKey: api.transfer.jobs.key() });
    } catch (error) {
      setProblem(problemOf(inWordsOfTheFile(error)).message);
    }
    setBusy(false);
  };
  const chooseAgain = () => {
    if (job.kind !== 'import') return;
    useTransferStore.getState().goOnWith(job);
    open('import');
  };
  const isAtOnce = job.can_resume === 'at_once';
  return (
    <>
      {problem && (
        <span role="alert" className="content-text text-warn text-xs">
          {visibleText(problem)}
        </span>
      )}
      {isAtOnce && (
        <Button size="small" busy={busy} blocked={job.kind === 'import' ? readOnly : undefined} onClick={resume}>
          Resume
        </Button>
      )}
      {job.kind === 'import' && (!isAtOnce || problem !== undefined) && (
        <Button size="small" blocked={readOnly} onClick={chooseAgain}>
          Choose the file again
        </Button>
      )}
    </>
  );
}

function Dismiss({ job, name }: { job: TransferJob; name: string }) {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  if (job.state === 'running') return null;
  const hasFile = job.kind === 'export' && job.state === 'succeeded' && !isEmpty(job.exported);
  const forget = async () => {
    setBusy(true);
    try {
      await client.transfer.forget({ job_id: job.job_id });
      setAsking(false);
      await queryClient.invalidateQueries({ queryKey: api.transfer.jobs.key() });
    } catch (error) {
      toast.error(problemOf(error).message);
    }
    setBusy(false);
  };
  return (
    <>
      <IconButton
        label={`Dismiss ${name}`}
        icon={<X aria-hidden="true" className="size-4" />}
        disabled={busy}
        onClick={() => (hasFile ? setAsking(true) : void forget())}
      />
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Delete this export?"
        action="Delete the archive"
        busy={busy}
        onConfirm={forget}
      >
        Its archive is deleted from Archon’s data folder. Copies you have saved stay, and so does the memory.
      </Confirm>
    </>
  );
}
