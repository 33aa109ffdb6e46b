/** In the status bar: how far imports and exports are, and the way to all of them. */
import { ArrowDownUp } from 'lucide-react';
import type { TransferJob } from '../../../../src-contract/index.ts';
import { useDialogs } from '../../../app/dialog-store.ts';
import { Spinner } from '../../../ui/Button.tsx';
import { number, plural } from '../../../ui/format.ts';
import { useJobEnds } from '../hooks/use-job-ends.ts';
import { useTransfers } from '../hooks/use-transfers.ts';
import { isStopped, percent, shareOf } from '../job-words.ts';
import { usePendingUpload } from '../pending-upload.ts';

export function TransfersButton() {
  const open = useDialogs((store) => store.open);
  const upload = usePendingUpload((store) => store.upload);
  const { jobs } = useTransfers();
  useJobEnds(jobs);
  const running = jobs.filter(({ state }) => state === 'running');
  const stopped = jobs.filter(isStopped).length + (upload === null ? 0 : 1);
  return (
    <button
      type="button"
      onClick={() => open('transfers')}
      className="flex shrink-0 items-center gap-1.5 rounded px-1 tabular-nums hover:bg-hover hover:text-text [&_svg]:size-3.5"
    >
      {running.length > 0 ? <Spinner className="text-accent-text" /> : <ArrowDownUp aria-hidden="true" />}
      {running.length > 0 ? inWords(running) : 'Transfers'}
      {running.length === 0 && stopped > 0 && (
        <span className="flex items-center gap-1.5">
          <span aria-hidden="true" className="size-2 rounded-full bg-warn" />
          {plural(stopped, 'stopped', 'stopped')}
        </span>
      )}
    </button>
  );
}

/** `Importing 42 %`, `Exporting 1,200 records`, `2 transfers, 42 %`: of several, the share of all their bytes. */
function inWords(running: readonly TransferJob[]): string {
  const [first] = running;
  if (first !== undefined && running.length === 1) {
    const share = shareOf(first);
    const verb = first.kind === 'import' ? 'Importing' : 'Exporting';
    return share === null ? `${verb} ${number(first.progress.records_done)} records` : `${verb} ${percent(share)}`;
  }
  const known = running.filter((job) => shareOf(job) !== null);
  const sum = (of: (job: TransferJob) => number) => known.reduce((total, job) => total + of(job), 0);
  const total = sum(({ progress }) => progress.bytes_total ?? 0);
  const share = total === 0 ? '' : `, ${percent(Math.min(1, sum(({ progress }) => progress.bytes_done) / total))}`;
  return `${running.length} transfers${share}`;
}
