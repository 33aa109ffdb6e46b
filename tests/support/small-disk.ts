/** A disk so small that a test can fill it: a file system of its own in memory, where this process may mount one. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FILLING = 'filling';
const BLOCK = Buffer.alloc(4096, 1);

export interface SmallDisk {
  path: string;
  /** Leaves no room for a single block more. */
  fill(): void;
  free(): void;
  remove(): void;
}

/** @returns undefined where nothing may be mounted: not root, or no Linux */
export function mountSmallDisk(megabytes: number): SmallDisk | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const path = mkdtempSync(join(tmpdir(), 'archon-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', path]);
  if (mounted.status !== 0) {
    rmSync(path, { recursive: true });
    return undefined;
  }
  const filling = join(path, FILLING);
  return {
    path,
    fill: () => fill(filling),
    free: () => rmSync(filling, { force: true }),
    remove: () => {
      spawnSync('umount', ['-l', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function fill(file: string): void {
  const descriptor = openSync(file, 'a');
  try {
    while (statfsSync(file).bavail > 0) writeSync(descriptor, BLOCK);
  } catch (error) {
    // Somebody else has taken the last block.
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOSPC') throw error;
  } finally {
    closeSync(descriptor);
  }
}
