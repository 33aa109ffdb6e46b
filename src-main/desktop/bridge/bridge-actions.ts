/** What the page may ask of the desktop, done with Electron. */
import type { BrowserWindow } from 'electron';
import type { DesktopSettings, Theme } from '../desktop-settings.ts';
import type { ElectronApi } from '../electron-api.ts';
import { DESKTOP_SCOPE, type LocalEngine } from '../local-engine.ts';
import type { ExternalLinks } from '../security/external-links.ts';
import type { BridgeActions } from './bridge-calls.ts';
import { saveExport, showFile } from './export-saving.ts';

export interface BridgeActionDeps {
  electron: Pick<ElectronApi, 'app' | 'clipboard' | 'dialog' | 'nativeTheme' | 'shell'>;
  settings: DesktopSettings;
  links: ExternalLinks;
  window: () => BrowserWindow | undefined;
  engine: () => LocalEngine;
}

export function bridgeActions({ electron, settings, links, window, engine }: BridgeActionDeps): BridgeActions {
  const { app, clipboard, dialog, nativeTheme, shell } = electron;
  return {
    saveExport: (job_id: string) =>
      saveExport(
        {
          dialog,
          window,
          transfer: () => engine().archives,
          scope: DESKTOP_SCOPE,
          downloads_dir: app.getPath('downloads'),
        },
        job_id,
      ),
    showFile: (path: string) => showFile(shell, path),
    openExternal: (url: string) => links.open(url),
    copyText: (text: string) => clipboard.writeText(text),
    setTheme: (theme: Theme) => {
      nativeTheme.themeSource = theme;
      settings.set('theme', theme);
    },
  };
}
