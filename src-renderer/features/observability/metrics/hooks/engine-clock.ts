/**
 * The time as Archon has it: figures are of its clock, and that of the computer with the page may be hours away. It is
 * known from the last answer.
 */
import { create } from 'zustand';

/** Less is the time that an answer takes on its way. */
const LEAST_MS = 2000;

interface EngineClock {
  /** By how much it is ahead of the clock of this computer. */
  ahead_ms: number;
  /** An answer of this time, read just now. */
  heard(at: string): void;
}

export const useEngineClock = create<EngineClock>((set, get) => ({
  ahead_ms: 0,
  heard: (at) => {
    const ahead_ms = Date.parse(at) - Date.now();
    if (Math.abs(ahead_ms - get().ahead_ms) >= LEAST_MS) set({ ahead_ms });
  },
}));

export const engineNow = (): number => Date.now() + useEngineClock.getState().ahead_ms;
