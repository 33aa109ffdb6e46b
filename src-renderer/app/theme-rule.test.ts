import { describe, expect, it } from 'vitest';
import { isLightTheme, isMuteSystem } from './theme-rule.ts';

const facts = { chosen: undefined, prefersLight: false, isMute: false, hasChanged: false };

describe('the theme', () => {
  it('is dark when nobody says anything', () => {
    expect(isLightTheme(facts)).toBe(false);
    expect(isLightTheme({ ...facts, prefersLight: true, isMute: true })).toBe(false);
  });

  it('follows a system that says something, also later', () => {
    expect(isLightTheme({ ...facts, prefersLight: true })).toBe(true);
    expect(isLightTheme({ ...facts, prefersLight: true, isMute: true, hasChanged: true })).toBe(true);
  });

  it('is what the person chose', () => {
    expect(isLightTheme({ ...facts, chosen: 'dark', prefersLight: true })).toBe(false);
    expect(isLightTheme({ ...facts, chosen: 'light' })).toBe(true);
    expect(isLightTheme({ ...facts, chosen: 'system', prefersLight: true, isMute: true })).toBe(true);
    expect(isLightTheme({ ...facts, chosen: 'system' })).toBe(false);
  });

  it('does not believe the first word of a Linux desktop, but that of a phone', () => {
    expect(isMuteSystem('Linux x86_64', 'Mozilla/5.0 (X11; Linux x86_64)')).toBe(true);
    expect(isMuteSystem('Linux armv8l', 'Mozilla/5.0 (Linux; Android 15; Pixel 9)')).toBe(false);
    expect(isMuteSystem('MacIntel', 'Mozilla/5.0 (Macintosh)')).toBe(false);
    expect(isMuteSystem('Win32', 'Mozilla/5.0 (Windows NT 10.0)')).toBe(false);
  });
});
