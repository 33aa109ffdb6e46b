/** Follows a snapshot to its end, with progress, and cancels it on Ctrl-C. */
import { setTimeout as wait } from 'node:timers/promises';
import type { ArchonClient, Snapshot } from '../../src-contract/index.ts';
import { systemClock } from '../clock.ts';
import { assertNever } from '../errors.ts';
import type { CommandContext } from './command.ts';
import { CommandError } from './exit-codes.ts';
import { Progress, type ProgressState } from './progress.ts';

const POLL_MS = 100;
export type Succeeded = Extract<Snapshot, { state: 'succeeded' }>;

/** @throws CommandError unless it succeeded; one that rests is kept, and can be gone on with */
export async function followSnapshot(
  context: CommandContext,
  client: ArchonClient,
  begun: Snapshot,
): Promise<Succeeded> {
  const { signal, stderr } = context.host;
  const { snapshot_id } = begun;
  const progress = new Progress(stderr, systemClock);
  let snapshot = begun;
  try {
    while (snapshot.state === 'running') {
      progress.update(progressOf(snapshot));
      if (signal.aborted) snapshot = await client.offline.cancel({ snapshot_id });
      else await wait(POLL_MS, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) snapshot = await client.offline.read({ snapshot_id });
    }
  } finally {
    progress.finish();
  }
  return requireSucceeded(snapshot);
}

function progressOf({ into, name, progress }: Snapshot): ProgressState {
  const { phase, bytes_done, bytes_total, records_done, records_total } = progress;
  const label = phase === 'reading' ? `1/${into === 'copy' ? 2 : 1} reading` : `2/2 writing ${name}`;
  const counted = records_total === null ? '' : ` of ${records_total.toLocaleString('en')} records`;
  return { label: label + counted, done: bytes_done, total: bytes_total, records: records_done };
}

function requireSucceeded(snapshot: Snapshot): Succeeded {
  switch (snapshot.state) {
    case 'succeeded':
      return snapshot;
    case 'cancelled':
      throw new CommandError('interrupted', 'It was cancelled; what it wrote was removed.', 'CANCELLED');
    case 'failed':
      throw new CommandError('failed', snapshot.failure, 'SNAPSHOT_FAILED');
    case 'paused': {
      const { snapshot_id, reason } = snapshot;
      const then = `\`archon snapshot --resume ${snapshot_id}\` goes on with it, --cancel removes what it wrote.`;
      throw new CommandError('store_away', `${reason ?? 'It was paused elsewhere.'} ${then}`, 'PAUSED');
    }
    case 'running':
      throw new CommandError('failed', 'It is still running.');
    default:
      return assertNever(snapshot);
  }
}
