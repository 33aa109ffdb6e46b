/** How far the first setup is on this computer. It is offered until somebody has finished it or put it away. */
import { create } from 'zustand';

export const SETUP_STEPS = ['where', 'checks', 'begin'] as const;
export type SetupStep = (typeof SETUP_STEPS)[number];

export type Place = 'here' | 'server';

const KEY = 'archon.setup';
const DONE = 'done';

interface Setup {
  isDone: boolean;
  /** Outlives the page: opening another database draws it anew. */
  step: SetupStep;
  /** Where memory is to live; undefined until somebody has chosen. */
  place: Place | undefined;
  go(step: SetupStep): void;
  choose(place: Place): void;
  /** Finished, or put away. */
  finish(): void;
}

export const useSetup = create<Setup>((set) => ({
  isDone: wasDone(),
  step: 'where',
  place: undefined,
  choose: (place) => set({ place }),
  go: (step) => set({ step }),
  finish: () => {
    set({ isDone: true, step: 'where', place: undefined });
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
