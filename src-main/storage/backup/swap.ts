/**
 * Puts restored data in the place of what a data folder holds, in steps that a crash cannot leave half done.
 *
 * The restored data lies complete in `restore-decided-<time>`; that name is the decision. Then everything moves by renaming,
 * the old into `replaced-<time>`, the restored into its place. Whoever opens the data folder next goes on with it.
 * The caller holds the data folder.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { syncPath } from '../embedded/durable-files.ts';
import { BACKUP_PARTS } from './backup-file.ts';

const DECIDED = 'restore-decided-';
const REPLACED = 'replaced-';
/** A SQLite file and what belongs to it: a log left beside another file would be applied to that one. */
const SQLITE_SUFFIXES = ['', '-wal', '-shm'];

/** Decides for the data in `staging`, a folder in the data folder that is on the disk. */
export function decideForRestored(data_dir: string, staging: string, time: string): void {
  renameSync(staging, join(data_dir, DECIDED + time));
  syncPath(data_dir, 'folder');
}

/** Moves restored data that was decided for into its place. Returns the folders that hold what was there before. */
export function finishRestore(data_dir: string): string[] {
  const decided = readdirSync(data_dir).filter((name) => name.startsWith(DECIDED));
  return decided.sort().flatMap((name) => swapIn(data_dir, join(data_dir, name), replacedFolder(data_dir, name)));
}

const replacedFolder = (data_dir: string, name: string): string =>
  join(data_dir, REPLACED + name.slice(DECIDED.length));

function swapIn(data_dir: string, restored: string, replaced: string): string[] {
  for (const part of BACKUP_PARTS) {
    const source = join(restored, part);
    if (!existsSync(source)) continue; // Not in this backup, or moved before a crash.
    const target = join(data_dir, part);
    for (const suffix of part === 'postgres' ? [''] : SQLITE_SUFFIXES) setAside(target + suffix, replaced);
    renameSync(source, target);
  }
  for (const folder of [replaced, data_dir]) if (existsSync(folder)) syncPath(folder, 'folder');
  rmSync(restored, { recursive: true, force: true });
  return existsSync(replaced) ? [replaced] : [];
}

function setAside(path: string, replaced: string): void {
  if (!existsSync(path)) return;
  mkdirSync(replaced, { recursive: true, mode: 0o700 });
  const kept = join(replaced, basename(path));
  // Set aside before a crash already: this one was made since by a command, over a file that was missing.
  if (existsSync(kept)) rmSync(path, { recursive: true, force: true });
  else renameSync(path, kept);
}
