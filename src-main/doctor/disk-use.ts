/** What takes the space of a data folder. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface DiskUse {
  name: string;
  bytes: number;
}

/** Files that come and go while it looks count as far as they are seen. */
export function bytesOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.size;
  return entriesOf(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}

/** The largest files and folders right in it, the largest first. */
export function largestIn(folder: string, count: number): DiskUse[] {
  return entriesOf(folder)
    .map((name) => ({ name, bytes: bytesOf(join(folder, name)) }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, count);
}

function entriesOf(folder: string): string[] {
  try {
    // Not what symbolic links lead to: that is elsewhere, and may lead back.
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isSymbolicLink())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
