/** How often the engine is asked how it is: slowly while other pages are open, as chosen while the health page is. */
import { create } from 'zustand';

/** On other pages. */
const SLOW_MS = 5000;

export const INTERVALS_MS = [1000, 2000, 5000, 10_000] as const;
export type IntervalMs = (typeof INTERVALS_MS)[number];

const KEY = 'archon.health.interval';

interface WatchPace {
  /** What the person chose for the health page; kept on this computer. */
  chosen_ms: IntervalMs;
  /** Whether the health page refreshes by itself. Never kept: who forgot that it is off would miss what happens. */
  isOn: boolean;
  isPageOpen: boolean;
  choose(interval: IntervalMs): void;
  setOn(isOn: boolean): void;
  setPageOpen(isPageOpen: boolean): void;
}

export const useWatchPace = create<WatchPace>((set) => ({
  chosen_ms: readChoice(),
  isOn: true,
  isPageOpen: false,
  choose: (chosen_ms) => {
    try {
      localStorage.setItem(KEY, String(chosen_ms));
    } catch {
      // Storage that is shut or full keeps nothing: it holds until the page is closed.
    }
    set({ chosen_ms });
  },
  setOn: (isOn) => set({ isOn }),
  setPageOpen: (isPageOpen) => set({ isPageOpen, isOn: true }),
}));

/** Milliseconds between two questions; false while nothing is asked by itself. */
export const paceOf = ({ isPageOpen, isOn, chosen_ms }: WatchPace): number | false =>
  isPageOpen ? isOn && chosen_ms : SLOW_MS;

function readChoice(): IntervalMs {
  try {
    const kept = Number(localStorage.getItem(KEY));
    return INTERVALS_MS.find((interval) => interval === kept) ?? 1000;
  } catch {
    return 1000;
  }
}
