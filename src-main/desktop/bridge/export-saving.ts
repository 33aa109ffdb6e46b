/** Saves the archive of a finished export where the person wants it. */
import { copyFile, rename, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { BrowserWindow, Dialog, Shell } from 'electron';
import type { Scope } from '../../identity/scope.ts';
import type { TransferJobs } from '../../transfer/transfer-jobs.ts';

export interface ExportSavingDeps {
  dialog: Pick<Dialog, 'showSaveDialog'>;
  window: () => BrowserWindow | undefined;
  transfer: () => Pick<TransferJobs, 'exportFile'>;
  scope: Scope;
  downloads_dir: string;
}

/** @returns where it was saved, or null when the person cancelled */
export async function saveExport(deps: ExportSavingDeps, job_id: string): Promise<{ path: string } | null> {
  const source = await deps.transfer().exportFile(deps.scope, job_id);
  const options = {
    title: 'Save export',
    defaultPath: join(deps.downloads_dir, source.name),
    filters: [{ name: 'Archon archive', extensions: ['gz'] }],
  };
  const window = deps.window();
  const { canceled, filePath } = await (window
    ? deps.dialog.showSaveDialog(window, options)
    : deps.dialog.showSaveDialog(options));
  if (canceled || !filePath) return null;
  await copyWhole(source.path, filePath);
  return { path: filePath };
}

/** A copy that is not finished never has the name of the whole file. */
async function copyWhole(from: string, to: string): Promise<void> {
  const partial = `${to}.part`;
  try {
    await copyFile(from, partial);
    await rename(partial, to);
  } catch (error) {
    await rm(partial, { force: true });
    throw new Error(`The archive could not be saved: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

/** Shows a file in the system's file manager; only the folder is opened, never the file. */
export async function showFile(shell: Pick<Shell, 'showItemInFolder'>, path: string): Promise<void> {
  // A network path would make Windows send credentials to the server it names. It takes either slash, also mixed.
  if (!isAbsolute(path) || /^[\\/]{2}/.test(path)) throw new Error('That is no file of this computer.');
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new Error(`There is no file ${path} any more.`);
  shell.showItemInFolder(path);
}
