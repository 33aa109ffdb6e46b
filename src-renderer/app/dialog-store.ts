/** Which dialog is open: menus, keys, the palette and the desktop's menu all open them. */
import { create } from 'zustand';
import { tellIfReadOnly } from './read-only.ts';

export type DialogName = 'import' | 'export' | 'connect' | 'transfers' | 'diagnostics' | 'pause-ops';

interface DialogStore {
  shown: DialogName | null;
  /** Files that were dropped on the window, for the import dialog. */
  files: readonly File[];
  open(name: DialogName, files?: readonly File[]): void;
  close(): void;
}

export const useDialogs = create<DialogStore>((set) => ({
  shown: null,
  files: [],
  open: (shown, files = []) => {
    if ((shown === 'import' || shown === 'pause-ops') && tellIfReadOnly()) return;
    set({ shown, files });
  },
  close: () => set({ shown: null, files: [] }),
}));
