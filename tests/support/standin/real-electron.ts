/** The built app in real Electron, where a binary of it is: same bundle, same page, a real desktop around it. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { copyApp } from './app-copy.ts';

const PACKAGE = resolve(import.meta.dirname, '..', '..', '..', 'node_modules', 'electron');

/** ARCHON_ELECTRON, or what Electron's own package has downloaded. */
export function findElectron(): string | undefined {
  const named = process.env.ARCHON_ELECTRON;
  if (named) return existsSync(named) ? named : undefined;
  try {
    const path = join(PACKAGE, 'dist', readFileSync(join(PACKAGE, 'path.txt'), 'utf8'));
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

export interface RealDesktop {
  page: Page;
  electron: ElectronApplication;
  clickMenu(id: string): Promise<void>;
  quit(): Promise<void>;
}

export async function launchRealElectron(options: {
  dataDir: string;
  env?: Record<string, string>;
  renderer?: string;
}): Promise<RealDesktop> {
  const executablePath = findElectron();
  if (executablePath === undefined) throw new Error('there is no Electron: set ARCHON_ELECTRON to the path of one');
  const home = mkdtempSync(join(tmpdir(), 'archon-electron-'));
  const copy = copyApp(options.renderer);
  const { PATH = '', HOME = '', DISPLAY = '', WAYLAND_DISPLAY = '', XDG_RUNTIME_DIR = '' } = process.env;
  const desktop = { PATH, HOME, DISPLAY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR, XDG_CONFIG_HOME: home };
  const electron = await _electron.launch({
    executablePath,
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), copy.bundle],
    env: { ...desktop, ARCHON_DATA_DIR: options.dataDir, ARCHON_PORT: '0', ...options.env },
  });
  const page = await electron.firstWindow();
  return {
    page,
    electron,
    clickMenu: async (id) => {
      await electron.evaluate(({ Menu }, wanted) => {
        Menu.getApplicationMenu()?.getMenuItemById(wanted)?.click();
      }, id);
    },
    quit: async () => {
      // `close` quits as a person does and waits for the process.
      await electron.close();
      copy.remove();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
