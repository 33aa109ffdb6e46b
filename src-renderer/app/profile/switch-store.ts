/** Which profile is being opened: the status bar, the palette and the page of connections all ask for it here. */
import { create } from 'zustand';

interface SwitchStore {
  wanted: { profile_id: string; name: string } | undefined;
  ask(profile: { profile_id: string; name: string }): void;
  end(): void;
}

export const useSwitch = create<SwitchStore>((set) => ({
  wanted: undefined,
  ask: ({ profile_id, name }) => set({ wanted: { profile_id, name } }),
  end: () => set({ wanted: undefined }),
}));
