/** How the page is connected to the engine, for everything that shows it. */
import { create } from 'zustand';

export type ConnectionState =
  | { phase: 'connecting' }
  | { phase: 'open' }
  /** The engine does not answer; `retry_at_ms` is when it is tried again. */
  | { phase: 'lost'; since_ms: number; attempt: number; retry_at_ms: number }
  /** In a browser: nobody is logged in. */
  | { phase: 'signed_out' }
  /** The desktop app is closing. */
  | { phase: 'closing' };

interface ConnectionStore {
  state: ConnectionState;
  set(state: ConnectionState): void;
}

export const useConnection = create<ConnectionStore>((set) => ({
  state: { phase: 'connecting' },
  set: (state) => set({ state }),
}));
