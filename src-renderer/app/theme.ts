/** Dark or light, as the person chooses; until then as the system says. Kept on this computer. */
import { create } from 'zustand';
import { desktop } from '../rpc/transport.ts';
import { isLightTheme, isMuteSystem, THEMES, type Theme } from './theme-rule.ts';

const KEY = 'archon.theme';
const systemLight = matchMedia('(prefers-color-scheme: light)');
const isMute = isMuteSystem(navigator.platform, navigator.userAgent);
let hasChanged = false;

interface ThemeStore {
  /** Undefined until the person chooses. */
  chosen: Theme | undefined;
  /** What is shown now. */
  shown: 'dark' | 'light';
  choose(theme: Theme): void;
}

export const useTheme = create<ThemeStore>((set) => {
  const chosen = readTheme();
  return {
    chosen,
    shown: shownFor(chosen),
    choose: (theme) => {
      try {
        localStorage.setItem(KEY, theme);
      } catch {
        // Storage that is shut or full keeps nothing: it holds until the page is closed.
      }
      set({ chosen: theme });
      applyTheme();
    },
  };
});

/** Shows the theme that holds, now and whenever the system's changes. */
export function applyTheme(): void {
  const { chosen } = useTheme.getState();
  const shown = shownFor(chosen);
  useTheme.setState({ shown });
  document.documentElement.dataset.theme = shown;
  document.querySelector('meta[name="color-scheme"]')?.setAttribute('content', shown);
  // The desktop app begins dark; where the system has no word of its own it stays so until the person chooses.
  if (chosen === undefined && isMute) return;
  // The window's frame follows; without it the page is right all the same.
  void desktop?.setTheme(chosen ?? 'system').catch(() => undefined);
}
systemLight.addEventListener('change', () => {
  hasChanged = true;
  applyTheme();
});

/** Dark, then light, then as the system. */
export function nextTheme(): void {
  const { chosen, choose } = useTheme.getState();
  choose(THEMES[(THEMES.indexOf(chosen ?? 'system') + 1) % THEMES.length] ?? 'dark');
}

function shownFor(chosen: Theme | undefined): 'dark' | 'light' {
  return isLightTheme({ chosen, prefersLight: systemLight.matches, isMute, hasChanged }) ? 'light' : 'dark';
}

function readTheme(): Theme | undefined {
  try {
    const kept = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === kept);
  } catch {
    return undefined;
  }
}
