/** Dark or light, as the person chooses; until then as the system is. Kept on this computer. */
import { create } from 'zustand';
import { desktop } from '../rpc/transport.ts';

export const THEMES = ['dark', 'light', 'system'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'archon.theme';
const systemLight = matchMedia('(prefers-color-scheme: light)');

interface ThemeStore {
  theme: Theme;
  choose(theme: Theme): void;
}

export const useTheme = create<ThemeStore>((set) => ({
  theme: readTheme(),
  choose: (theme) => {
    localStorage.setItem(KEY, theme);
    set({ theme });
    applyTheme();
  },
}));

/** Shows the chosen theme, now and whenever the system's changes. */
export function applyTheme(): void {
  const { theme } = useTheme.getState();
  const light = theme === 'light' || (theme === 'system' && systemLight.matches);
  document.documentElement.dataset.theme = light ? 'light' : 'dark';
  // The window's frame follows; without it the page is right all the same.
  void desktop?.setTheme(theme).catch(() => undefined);
}
systemLight.addEventListener('change', applyTheme);

/** Dark, then light, then as the system. */
export function nextTheme(): void {
  const { theme, choose } = useTheme.getState();
  choose(THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'dark');
}

function readTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === kept) ?? 'system';
}
