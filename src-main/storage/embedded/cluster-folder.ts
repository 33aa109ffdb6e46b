/**
 * The folder of a cluster: is there one, which version, and how a new one comes to be.
 *
 * A new cluster is made under a temporary name and renamed when it is complete and on the disk, so that a crash on the
 * way leaves nothing that looks like a database. Whoever calls this holds the lock of the cluster, so anything left
 * under such a name is of a process that is gone.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { syncPath, syncTree } from './durable-files.ts';
import { ClusterOpenError, ClusterVersionError } from './embedded-errors.ts';

/** What PGlite is built from. A cluster of another major version cannot be opened. */
export const POSTGRES_MAJOR = '18';

const CREATING = '.creating-';

export class ClusterFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Removes what earlier processes left half done. */
  removeLeftovers(): void {
    const parent = dirname(this.path);
    const name = basename(this.path);
    for (const entry of readdirSync(parent)) {
      if (entry.startsWith(name + CREATING)) rmSync(join(parent, entry), { recursive: true, force: true });
    }
  }

  /**
   * Whether there is a cluster to open.
   *
   * @throws ClusterVersionError, ClusterOpenError when the folder holds something else
   */
  exists(): boolean {
    if (!existsSync(this.path)) return false;
    if (existsSync(join(this.path, 'PG_VERSION'))) {
      checkVersion(this.path);
      return true;
    }
    if (readdirSync(this.path).length > 0) throw new ClusterOpenError(this.path, 'it holds files but no database');
    return false;
  }

  /** Makes a new cluster with `fill`, which gets an absent folder to create and fill. */
  async create(fill: (folder: string) => Promise<void>): Promise<void> {
    const temporary = `${this.path}${CREATING}${process.pid}`;
    try {
      await fill(temporary);
      await syncTree(temporary);
      if (existsSync(this.path)) rmdirSync(this.path); // Empty, or this fails; Windows does not rename over it.
      renameSync(temporary, this.path);
      syncPath(dirname(this.path), 'folder');
    } catch (error) {
      rmSync(temporary, { recursive: true, force: true });
      throw error;
    }
  }

  /** Whether its last server ended without closing it, so that recovery will run. */
  wasInterrupted(): boolean {
    return existsSync(join(this.path, 'postmaster.pid'));
  }

  /** Writes everything through to the disk. */
  async sync(): Promise<void> {
    await syncTree(this.path);
  }

  /** Bytes the write-ahead log takes on the disk. */
  walBytes(): number {
    const folder = join(this.path, 'pg_wal');
    if (!existsSync(folder)) return 0;
    let bytes = 0;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      // A segment may be recycled between the listing and this.
      if (entry.isFile()) bytes += statSync(join(folder, entry.name), { throwIfNoEntry: false })?.size ?? 0;
    }
    return bytes;
  }
}

function checkVersion(folder: string): void {
  const found = readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim();
  if (found !== POSTGRES_MAJOR) throw new ClusterVersionError(folder, found, POSTGRES_MAJOR);
}
