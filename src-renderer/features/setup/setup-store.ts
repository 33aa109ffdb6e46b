/** How far the first setup is on this computer. It is offered until somebody has finished it or put it away. */
import { create } from 'zustand';

export const SETUP_STEPS = ['where', 'checks', 'begin'] as const;
export type SetupStep = (typeof SETUP_STEPS)[number];

const KEY = 'archon.setup';
const DONE = 'done';

interface Setup {
  isDone: boolean;
  /** Outlives the page: opening another database draws it anew. */
  step: SetupStep;
  go(step: SetupStep): void;
  /** Finished, or put away. */
  finish(): void;
}

export const useSetup = create<Setup>((set) => ({
  isDone: wasDone(),
  step: 'where',
  go: (step) => set({ step }),
  finish: () => {
    set({ isDone: true, step: 'where' });
    try {
      localStorage.setItem(KEY, DONE);
    } catch {
      // Storage that is shut or full keeps nothing: it is offered again on the next page.
    }
  },
}));

function wasDone(): boolean {
  try {
    return localStorage.getItem(KEY) === DONE;
  } catch {
    return false;
  }
}
