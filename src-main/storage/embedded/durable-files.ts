/** Making finished files survive a power loss: what was written, and the names under which it is found. */
import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes a file's or folder's contents through to the disk. */
export function syncPath(path: string, kind: 'file' | 'folder'): void {
  // Windows does not sync folders, and writes their entries through by itself.
  if (kind === 'folder' && process.platform === 'win32') return;
  // Read-only is enough for a folder; Windows wants a writable file.
  const handle = openSync(path, kind === 'folder' ? 'r' : 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Everything below a folder, then the folder. In parallel where it can be, as each call waits for the disk. */
export async function syncTree(folder: string): Promise<void> {
  const folders: string[] = [folder];
  const files: string[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    (entry.isDirectory() ? folders : files).push(join(entry.parentPath, entry.name));
  }
  const PARALLEL = 16;
  const next = files.values();
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (const file of next) await syncFile(file);
    }),
  );
  for (const path of folders.toReversed()) syncPath(path, 'folder');
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
