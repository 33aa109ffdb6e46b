/** Which theme holds: the person's choice, else the system's, and dark where the system says nothing. */

export const THEMES = ['dark', 'light', 'system'] as const;
export type Theme = (typeof THEMES)[number];

/**
 * Browsers on Linux answer `prefers-color-scheme: light` both for a light desktop and for one without any preference,
 * which is the usual one: what they say first is not believed, only what they change to.
 */
export const isMuteSystem = (platform: string, userAgent: string): boolean =>
  /Linux/.test(platform) && !/Android/.test(userAgent);

export interface ThemeFacts {
  /** Undefined until the person chooses. */
  chosen: Theme | undefined;
  /** The system prefers light; false also when it says nothing at all. */
  prefersLight: boolean;
  isMute: boolean;
  /** The system's preference changed while the page was open. */
  hasChanged: boolean;
}

export function isLightTheme({ chosen, prefersLight, isMute, hasChanged }: ThemeFacts): boolean {
  if (chosen === 'light' || chosen === 'dark') return chosen === 'light';
  const isBelieved = chosen === 'system' || !isMute || hasChanged;
  return isBelieved && prefersLight;
}
