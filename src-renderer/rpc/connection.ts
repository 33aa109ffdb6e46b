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
  /** What became of the login while this page was open: none was seen, it holds or ended by itself, the person left. */
  login: 'none' | 'seen' | 'left';
  set(state: ConnectionState): void;
  noteLogin(login: ConnectionStore['login']): void;
}

export const useConnection = create<ConnectionStore>((set) => ({
  state: { phase: 'connecting' },
  login: 'none',
  set: (state) => set(state.phase === 'open' ? { state, login: 'seen' } : { state }),
  noteLogin: (login) => set({ login }),
}));
