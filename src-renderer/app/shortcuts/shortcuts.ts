/** Every key that does something: for the sheet, and for the code that listens. One list, so that both agree. */
import { create } from 'zustand';

export interface Shortcut {
  keys: string;
  does: string;
}

export const SHORTCUTS = {
  Everywhere: [
    { keys: 'Mod K', does: 'Search and commands' },
    { keys: '?', does: 'This list' },
    { keys: 'Mod I', does: 'Import conversations' },
    { keys: 'Mod E', does: 'Export memory' },
    { keys: 'Alt T', does: 'Go to the messages; Esc closes one' },
    { keys: 'Esc', does: 'Close what is open' },
  ],
  Memory: [
    { keys: '1', does: 'Session memory' },
    { keys: '2', does: 'Working memory' },
    { keys: '3', does: 'Long-term memory' },
    { keys: '/', does: 'Find in this list' },
    { keys: 'U', does: 'Choose a user' },
    { keys: '↑ ↓', does: 'Move through the list' },
    { keys: 'Enter', does: 'Open' },
    { keys: 'Space', does: 'Select' },
    { keys: 'Mod A', does: 'Select all that are shown' },
    { keys: 'Del', does: 'Delete what is selected' },
  ],
  Events: [
    { keys: 'P', does: 'Pause the live feed, and go on' },
    { keys: '/', does: 'Find in payloads' },
    { keys: '↑ ↓', does: 'Move through the list' },
    { keys: 'Enter', does: 'Open' },
    { keys: 'J', does: 'Older event, while one is open' },
    { keys: 'K', does: 'Newer event' },
  ],
  Logs: [
    { keys: 'P', does: 'Pause the log, and go on' },
    { keys: 'G', does: 'Jump to the newest' },
    { keys: 'W', does: 'Wrap long lines' },
    { keys: '/', does: 'Find in the log' },
    { keys: 'J', does: 'Older entry, while one is open' },
    { keys: 'K', does: 'Newer entry' },
  ],
  Workers: [
    { keys: 'R', does: 'Run the focused worker now' },
    { keys: 'P', does: 'Pause it, or resume it' },
  ],
  Settings: [
    { keys: 'Mod S', does: 'Save what was changed in this section' },
    { keys: '/', does: 'Find a setting' },
  ],
} as const satisfies Record<string, readonly Shortcut[]>;

interface SheetStore {
  isOpen: boolean;
  set(isOpen: boolean): void;
}
export const useShortcutSheet = create<SheetStore>((set) => ({ isOpen: false, set: (isOpen) => set({ isOpen }) }));
