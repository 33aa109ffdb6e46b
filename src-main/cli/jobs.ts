/** Follows a job of the engine to its end, with progress, and stops it on Ctrl-C. */
import { setTimeout as wait } from 'node:timers/promises';
import type { ArchonClient, TransferJob } from '../../src-contract/index.ts';
import { systemClock } from '../clock.ts';
import type { CommandContext } from './command.ts';
import { CommandError } from './exit-codes.ts';
import { Progress, type ProgressState } from './progress.ts';

const POLL_MS = 100;

/** The job as it ended. Ctrl-C asks it to stop and waits for that. */
export async function followJob<Job extends TransferJob>(
  context: CommandContext,
  client: ArchonClient,
  begun: Job,
): Promise<Job> {
  const { signal } = context.host;
  const progress = new Progress(context.host.stderr, systemClock);
  let job = begun;
  let cancelling = false;
  try {
    while (job.state === 'running') {
      if (signal.aborted && !cancelling) {
        cancelling = true;
        await client.transfer.cancel({ job_id: job.job_id });
      }
      progress.update(jobProgress(job));
      await wait(POLL_MS);
      // A job keeps its kind.
      job = (await client.transfer.job({ job_id: job.job_id })) as Job;
    }
  } finally {
    progress.finish();
  }
  return job;
}

function jobProgress(job: TransferJob): ProgressState {
  const { bytes_done, bytes_total, records_done } = job.progress;
  const label = job.kind === 'import' ? `importing ${job.name}` : 'exporting';
  return { label, done: bytes_done, total: bytes_total, records: records_done };
}

/** @throws CommandError unless the job succeeded */
export function requireSuccess(job: TransferJob): void {
  switch (job.state) {
    case 'succeeded':
      return;
    case 'cancelled':
      throw new CommandError('interrupted', `The ${job.kind} was stopped; what was done stays.`, 'CANCELLED');
    case 'failed':
      throw new CommandError('failed', job.failure ?? `The ${job.kind} failed.`, 'JOB_FAILED');
    case 'paused':
    case 'interrupted':
    case 'running':
      throw new CommandError(
        'failed',
        `The ${job.kind} was interrupted; run the command again to go on.`,
        'JOB_INTERRUPTED',
      );
  }
}
