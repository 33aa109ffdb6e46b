/** Why a job failed, and what to do, in words for the person who started it. */
import type { TransferJob } from '../../src-contract/index.ts';
import { ArchonError } from '../errors.ts';
import { SessionStoreUnavailableError } from '../storage/sessions/session-store.ts';
import { databaseFault } from '../storage/storage-errors.ts';
import { ImportStop } from './importers/importer.ts';
import { isGzipFault } from './records/gunzip.ts';
import { diskFault } from './uploads.ts';

export interface JobFailure {
  message: string;
  /** Starting the job again may go on from where it stopped. */
  resumable: boolean;
  /** Nobody foresaw it: the log must hold the error itself. */
  unexpected: boolean;
}

export function jobFailure(error: unknown, kind: TransferJob['kind']): JobFailure {
  if (error instanceof ImportStop) return { message: error.message, resumable: error.resumable, unexpected: false };
  const again = kind === 'import' ? 'Start it again to go on from there.' : 'Resume it to go on from there.';
  if (error instanceof SessionStoreUnavailableError) {
    return { message: `The session store is away (${error.message}). ${again}`, resumable: true, unexpected: false };
  }
  if (isGzipFault(error)) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      message: `The file is damaged or was cut off (gzip: ${why}). What was read is imported; import an undamaged copy to get the rest.`,
      resumable: false,
      unexpected: false,
    };
  }
  const fault = databaseFault(error) ?? diskFault(error);
  if (fault instanceof ArchonError) {
    const storage = fault.code === 'STORAGE_FULL' || fault.code === 'STORAGE_UNAVAILABLE';
    // What an export wrote is removed when the disk is full: it would be in the way of everybody else.
    const resumable = storage && !(kind === 'export' && fault.code === 'STORAGE_FULL');
    const then = kind === 'export' && !resumable ? 'Start it again.' : again;
    return { message: storage ? `${fault.message} ${then}` : fault.message, resumable, unexpected: false };
  }
  const why = error instanceof Error ? error.message : String(error);
  return { message: `The ${kind} stopped: ${why}. The log says more. ${again}`, resumable: true, unexpected: true };
}
