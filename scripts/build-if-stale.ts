/** Builds when the build is missing or older than the sources. Two processes that want it at once build it once. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
/** What the build is made from. */
const SOURCES = [
  'src-main',
  'src-contract',
  'src-preload',
  'src-renderer',
  'electron.vite.config.ts',
  'package-lock.json',
];
/** What it gives; written in this order. */
const OUTPUTS = ['out/main/headless.js', 'out/main/desktop.js', 'out/preload/index.cjs', 'out/renderer/index.html'];
const LOCK = join(ROOT, 'node_modules', '.archon-build');
/** A lock older than this was left by a process that was killed. */
const LOCK_LIFE_MS = 120_000;
const LOCK_POLL_MS = 200;

/** @throws BuildFailedError */
export function buildIfStale(onBuild: () => void = () => {}): void {
  if (isStale()) withFreshBuild(() => {}, onBuild);
}

/** Does something with the build, which nobody replaces meanwhile. @throws BuildFailedError */
export function withFreshBuild<T>(use: () => T, onBuild: () => void = () => {}): T {
  takeLock();
  try {
    // Whoever held the lock before may have built it.
    if (isStale()) {
      onBuild();
      build();
    }
    return use();
  } finally {
    rmdirSync(LOCK);
  }
}

export class BuildFailedError extends Error {
  override readonly name = 'BuildFailedError';
}

function isStale(): boolean {
  if (OUTPUTS.some((output) => !existsSync(join(ROOT, output)))) return true;
  const built_at = Math.min(...OUTPUTS.map((output) => statSync(join(ROOT, output)).mtimeMs));
  return SOURCES.some((source) => newest(join(ROOT, source)) > built_at);
}

/** Time of the last change in a file or folder, in milliseconds since the epoch. Tests are not built. */
function newest(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs;
  const files = readdirSync(path, { recursive: true, withFileTypes: true });
  const times = files
    .filter((file) => file.isFile() && !/\.test\.tsx?$/.test(file.name))
    .map((file) => statSync(join(file.parentPath, file.name)).mtimeMs);
  return Math.max(0, ...times);
}

/** Making a folder either succeeds or says that it is there. */
function takeLock(): void {
  for (;;) {
    try {
      mkdirSync(LOCK);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      removeStaleLock();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_POLL_MS);
    }
  }
}

function removeStaleLock(): void {
  const lock = statSync(LOCK, { throwIfNoEntry: false });
  if (lock !== undefined && Date.now() - lock.mtimeMs > LOCK_LIFE_MS) rmdirSync(LOCK);
}

function build(): void {
  const vite = join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const result = spawnSync(process.execPath, [vite, 'build'], { cwd: ROOT, encoding: 'utf8' });
  if (result.status === 0) return;
  throw new BuildFailedError(`${result.stdout ?? ''}\n${result.stderr ?? ''}\nThe build failed.`);
}
