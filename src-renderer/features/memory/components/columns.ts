/** Which columns the memory lists show; kept on this computer. */
import { create } from 'zustand';

export const COLUMNS = [
  { name: 'type', label: 'Type' },
  { name: 'tags', label: 'Tags' },
  { name: 'score', label: 'Relevance or importance' },
  { name: 'tokens', label: 'Tokens' },
  { name: 'created', label: 'Written' },
] as const;
export type ColumnName = (typeof COLUMNS)[number]['name'];

const KEY = 'archon.memory-columns';

interface ColumnsStore {
  shown: ReadonlySet<ColumnName>;
  toggle(name: ColumnName): void;
}

export const useColumns = create<ColumnsStore>((set, get) => ({
  shown: read(),
  toggle: (name) => {
    const shown = new Set(get().shown);
    if (!shown.delete(name)) shown.add(name);
    set({ shown });
    try {
      localStorage.setItem(KEY, JSON.stringify([...shown]));
    } catch {
      // Storage that is shut or full keeps nothing: they hold until the page is closed.
    }
  },
}));

function read(): Set<ColumnName> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (Array.isArray(kept)) return new Set(COLUMNS.map(({ name }) => name).filter((name) => kept.includes(name)));
  } catch {
    // As if nothing was kept.
  }
  return new Set(COLUMNS.map(({ name }) => name));
}
