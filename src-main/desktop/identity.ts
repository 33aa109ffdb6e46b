/** Names the operating system knows the app by, and where Electron keeps its things. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'electron';

export const APP_NAME = 'Archon';
/** Groups windows and notifications on Windows. */
const APP_ID = 'dev.archon.desktop';
/** Scheme of links to memories: `archon://memory/<id>`. */
export const LINK_SCHEME = 'archon';

/** To be called before anything asks for a folder. */
export function nameApp(app: App): void {
  app.setName(APP_NAME);
  app.setAppUserModelId(APP_ID);
  // Started from the sources, Electron would use a folder of its own name.
  const folder = join(app.getPath('appData'), APP_NAME);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  app.setPath('userData', folder);
  // Chromium's caches, apart from the person's data.
  app.setPath('sessionData', join(folder, 'browser'));
}

/** @param script what Electron was started with, when it is not packaged */
export function registerLinks(app: App, script: string | undefined): void {
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
  else if (script !== undefined) app.setAsDefaultProtocolClient(LINK_SCHEME, process.execPath, [script]);
}
