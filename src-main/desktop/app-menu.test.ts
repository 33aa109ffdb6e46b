import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { DESKTOP_COMMANDS, type DesktopCommand } from '../../src-contract/index.ts';
import { appMenu } from './app-menu.ts';

function items(platform: NodeJS.Platform, development = false) {
  const sent: DesktopCommand[] = [];
  const nothing = () => {};
  const menu = appMenu({
    platform,
    development,
    command: (command) => sent.push(command),
    quit: nothing,
    openApiReference: nothing,
    openDocumentation: nothing,
    openLogs: nothing,
  });
  const flat = (template: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
    template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])]);
  return { all: flat(menu), sent };
}

describe.each(['linux', 'darwin', 'win32'] as const)('the menu on %s', (platform) => {
  it('has every command of the page, and sends it', () => {
    const { all, sent } = items(platform);
    for (const command of DESKTOP_COMMANDS) {
      const click = all.find(({ id }) => id === command)?.click as (() => void) | undefined;
      click?.();
    }
    expect(sent).toEqual([...DESKTOP_COMMANDS]);
  });

  it('gives no accelerator twice and can be quit once', () => {
    const { all } = items(platform);
    const accelerators = all.map(({ accelerator }) => accelerator).filter((accelerator) => accelerator !== undefined);
    expect(new Set(accelerators).size).toBe(accelerators.length);
    expect(all.filter(({ id }) => id === 'quit')).toHaveLength(1);
  });

  it('reloads and inspects during development only', () => {
    const roles = (development: boolean) => items(platform, development).all.map(({ role }) => role);
    expect(roles(true)).toContain('reload');
    expect(roles(false)).not.toContain('reload');
    expect(roles(false)).not.toContain('toggleDevTools');
  });
});
