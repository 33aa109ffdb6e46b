/** What copies are made from and become: the profile that is open, and folders of their own. */
import type { Scope } from '../identity/scope.ts';
import type { TransferJobs } from '../transfer/transfer-jobs.ts';

/** What the engine that is open now is of. */
export interface OpenProfile {
  name: string;
  /** Unlike that of any other profile, and of the same one when it leads to other stores. */
  place: string;
  transfer: Pick<TransferJobs, 'exportFile' | 'sourceFile' | 'takeUpload' | 'writeArchiveTo'>;
}

/** The profiles that copies become. */
export interface Copies {
  /** Where an engine keeps what belongs to a profile, whether it is there yet or not. */
  folderOf(profile_id: string): string;
  has(profile_id: string): boolean;
  /** Makes the folder a profile that can be opened. A name that is taken is told apart. */
  add(copy: { profile_id: string; name: string; source: string; taken_at: string }): void;
}

/** The engine of a copy while it is filled: nothing runs in it but the import. */
export interface CopyEngine {
  transfer: Pick<TransferJobs, 'startImport' | 'onProgress' | 'finished' | 'pause' | 'forget'>;
  /** The organisation exists in it. */
  ensure(scope: Scope): Promise<void>;
  stop(): Promise<void>;
}

/** @param copy `moment`: the time it shows, ISO 8601 */
export type StartCopyEngine = (copy: { folder: string; moment: string; signal: AbortSignal }) => Promise<CopyEngine>;
