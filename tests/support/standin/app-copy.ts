/** A copy of the build to run, which a build made meanwhile does not pull away; with another renderer if wished. */
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { withFreshBuild } from '../../../scripts/build-if-stale.ts';

const ROOT = resolve(import.meta.dirname, '..', '..', '..');
/** What the app reads beside its bundle. */
const LINKED = ['migrations', 'resources', 'docs', 'node_modules'];

export interface AppCopy {
  folder: string;
  bundle: string;
  remove(): void;
}

/** @param renderer folder of a built renderer to use instead of the real one */
export function copyApp(renderer: string = join(ROOT, 'out', 'renderer')): AppCopy {
  const folder = mkdtempSync(join(tmpdir(), 'archon-app-'));
  // For working on the shell while the renderer is in pieces.
  if (process.env.ARCHON_TEST_SKIP_BUILD === '1') copyBuild(folder, renderer);
  else withFreshBuild(() => copyBuild(folder, renderer));
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  for (const name of LINKED) symlinkSync(join(ROOT, name), join(folder, name), 'junction');
  return {
    folder,
    bundle: join(folder, 'out', 'main', 'desktop.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function copyBuild(folder: string, renderer: string): void {
  for (const part of ['main', 'preload']) {
    cpSync(join(ROOT, 'out', part), join(folder, 'out', part), { recursive: true });
  }
  if (existsSync(renderer)) cpSync(renderer, join(folder, 'out', 'renderer'), { recursive: true });
}
