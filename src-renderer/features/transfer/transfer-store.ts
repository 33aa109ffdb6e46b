/** What the page knows of imports and exports besides what the engine says. */
import { create } from 'zustand';
import type { ImportJob } from '../../../src-contract/index.ts';

interface TransferStore {
  /** Jobs this page started: their end is told even if they were never seen running. */
  started: ReadonlySet<string>;
  /** The job a dialog shows now: it tells of its end itself. */
  shown: string | null;
  /** The job whose details the list of transfers opens with. */
  unfolded: string | null;
  /** The import that the person is about to go on with, by choosing its file again. */
  goesOn: ImportJob | null;
  start(job_id: string): void;
  show(job_id: string | null): void;
  unfold(job_id: string | null): void;
  goOnWith(job: ImportJob | null): void;
}

export const useTransferStore = create<TransferStore>((set) => ({
  started: new Set(),
  shown: null,
  unfolded: null,
  goesOn: null,
  start: (job_id) => set(({ started }) => ({ started: new Set([...started, job_id]) })),
  show: (shown) => set({ shown }),
  unfold: (unfolded) => set({ unfolded }),
  goOnWith: (goesOn) => set({ goesOn }),
}));
