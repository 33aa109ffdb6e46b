/** Tells when a job has ended that nobody is looking at. */
import { useEffect, useRef } from 'react';
import { toast } from 'sonner';
import type { TransferJob } from '../../../../src-contract/index.ts';
import { useDialogs } from '../../../app/dialog-store.ts';
import { nameOf, outcomeOf } from '../job-words.ts';
import { useTransferStore } from '../transfer-store.ts';

/** What went wrong is read, not glanced at. */
const LONG_MS = 15_000;

export function useJobEnds(jobs: readonly TransferJob[]): void {
  const running = useRef(new Set<string>());
  const told = useRef(new Set<string>());
  const started = useTransferStore((store) => store.started);
  const shown = useTransferStore((store) => store.shown);
  const isListed = useDialogs((store) => store.shown === 'transfers');
  useEffect(() => {
    for (const job of jobs) {
      const { job_id, state } = job;
      if (state === 'running') running.current.add(job_id);
      else if ((running.current.has(job_id) || started.has(job_id)) && !told.current.has(job_id)) {
        told.current.add(job_id);
        if (shown !== job_id && !isListed) tell(job);
      }
    }
  }, [jobs, started, shown, isListed]);
}

function tell(job: TransferJob): void {
  const { text, tone } = outcomeOf(job);
  const show = () => {
    useTransferStore.getState().unfold(job.job_id);
    useDialogs.getState().open('transfers');
  };
  const say = { ok: toast.success, warn: toast.warning, bad: toast.error, plain: toast }[tone];
  say(text, {
    description: nameOf(job),
    action: { label: 'Show', onClick: show },
    ...(tone === 'ok' ? {} : { duration: LONG_MS }),
  });
}
