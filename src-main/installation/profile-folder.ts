/** What lies in the folder of a profile. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** Whether it holds sessions, or writes on their way to a database, that are nowhere else. */
export function keepsUnsent(folder: string): boolean {
  return hasRows(join(folder, 'journal.db'), 'writes') || hasRows(join(folder, 'sessions.db'), 'sessions');
}

/** A file that cannot be read may hold some. */
function hasRows(file: string, table: string): boolean {
  if (!existsSync(file)) return false;
  try {
    const db = new Database(file, { readonly: true });
    try {
      return db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() !== undefined;
    } finally {
      db.close();
    }
  } catch {
    return true;
  }
}

/** Of all files below it; null when there is none. */
export async function folderBytes(folder: string): Promise<number | null> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    // One may be removed while it is counted.
    const sizes = await Promise.all(
      files.map(({ parentPath, name }) =>
        stat(join(parentPath, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch {
    return null;
  }
}
