/** Makes backups of what a data folder remembers while it is in use. */
import { mkdirSync, rmSync } from 'node:fs';
import { readdir, stat, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, isoTime } from '../../clock.ts';
import { ArchonError } from '../../errors.ts';
import { DataFolderNotWritableError, notWritableReason } from '../data-folder-lock.ts';
import { databaseFault } from '../storage-errors.ts';
import { type BackupPart, writeBackup, writeManifest } from './backup-file.ts';
import { BackupFolder } from './backup-folder.ts';

/** How long `stop` waits for a backup that is given up. */
const STOP_LIMIT_MS = 3_000;
/** Left free for the database to go on with. */
const SPARE_BYTES = 200 * 1024 ** 2;

export interface MadeBackup {
  name: string;
  bytes: number;
  created_at: string;
  parts: BackupPart[];
}

/** A store that is copied: consistent in itself, into a file or folder that does not exist yet. */
export type CopyPart = (target: string, signal: AbortSignal) => Promise<void>;

export interface DataBackupsDeps {
  data_dir: string;
  /** The embedded database; undefined when the memory is in a PostgreSQL server, which is backed up there. */
  postgres: CopyPart | undefined;
  /** SQLite files of the data folder that are in use. */
  files: Partial<Record<Exclude<BackupPart, 'postgres'>, CopyPart>>;
  /** How many stay. */
  keep(): number;
  app_version: string;
  clock: Clock;
}

export class DataBackups {
  readonly folder: BackupFolder;
  readonly #deps: DataBackupsDeps;
  readonly #stopping = new AbortController();
  #running: Promise<MadeBackup> | undefined;

  constructor(deps: DataBackupsDeps) {
    this.#deps = deps;
    this.folder = new BackupFolder(deps.data_dir);
  }

  /** False when the memory is in a PostgreSQL server. */
  get possible(): boolean {
    return this.#deps.postgres !== undefined;
  }

  get stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /**
   * Makes a backup in the folder and removes the oldest beyond those kept. Asked for while one is being made, it is
   * that one. The database waits while its files are copied, and goes on while the copy is packed.
   *
   * @throws ArchonError STORAGE_FULL, STORAGE_UNAVAILABLE; CONFLICT when there is no embedded database or Archon stops
   */
  async make(): Promise<MadeBackup> {
    this.#running ??= this.#make().finally(() => {
      this.#running = undefined;
    });
    return await this.#running;
  }

  /** Gives up the backup that is being made. What it has left behind is removed at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const ended = this.#running?.then(
      () => {},
      () => {}, // Told to whoever asked for it.
    );
    await Promise.race([ended, wait(STOP_LIMIT_MS, undefined, { ref: false })]);
  }

  async #make(): Promise<MadeBackup> {
    const { postgres } = this.#deps;
    if (postgres === undefined) {
      throw new ArchonError(
        'CONFLICT',
        'The memory is in the PostgreSQL server of database.url: back it up there, with pg_dump for example.',
      );
    }
    const { signal } = this.#stopping;
    try {
      return await this.#write(postgres, signal);
    } catch (error) {
      if (signal.aborted) throw new ArchonError('CONFLICT', 'Archon stops: the backup was given up.', { cause: error });
      throw backupFault(error, this.folder.path);
    }
  }

  async #write(postgres: CopyPart, signal: AbortSignal): Promise<MadeBackup> {
    const { files, keep, app_version, clock } = this.#deps;
    mkdirSync(this.folder.path, { recursive: true, mode: 0o700 });
    this.folder.removeLeftovers();
    const created_ms = clock.now();
    const staging = this.folder.stagingPath;
    // The history comes first: an import that is resumed must find at least what the history says is done.
    const copies = Object.entries({ 'history.db': undefined, ...files, postgres }) as [BackupPart, CopyPart?][];
    const parts: BackupPart[] = [];
    try {
      await this.#refuseWithoutSpace();
      mkdirSync(staging, { mode: 0o700 });
      for (const [part, copy] of copies) {
        signal.throwIfAborted();
        if (copy === undefined) continue;
        await copy(join(staging, part), signal);
        parts.push(part);
      }
      const created_at = isoTime(created_ms);
      await writeManifest(staging, { format: 1, app_version, created_at, parts });
      const path = this.folder.pathFor(created_ms);
      const { bytes } = await writeBackup(staging, path, signal);
      this.folder.prune(keep());
      return { name: basename(path), bytes, created_at, parts };
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  }

  /** The copy beside takes what the data takes, and the file, which is smaller, at most that again. */
  async #refuseWithoutSpace(): Promise<void> {
    const { data_dir, files } = this.#deps;
    const paths = ['postgres', ...Object.keys(files)].map((part) => join(data_dir, part));
    const data_bytes = (await Promise.all(paths.map(bytesOf))).reduce((sum, bytes) => sum + bytes, 0);
    const needed = 2 * data_bytes + SPARE_BYTES;
    const { bavail, bsize } = await statfs(this.folder.path);
    if (bavail * bsize >= needed) return;
    throw new ArchonError(
      'STORAGE_FULL',
      `A backup may take ${megabytes(needed)} for a while, and ${megabytes(bavail * bsize)} are free on the disk of ${this.folder.path}: free some space.`,
    );
  }
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)} MiB`;

/** Bytes of a file, or of all files of a folder; what goes away meanwhile does not count. */
async function bytesOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return found?.size ?? 0;
  let bytes = 0;
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}

/** What to tell when a store or the disk refuses. */
function backupFault(error: unknown, folder: string): unknown {
  const known = databaseFault(error);
  if (known) return known;
  const reason = error instanceof ArchonError ? undefined : notWritableReason(error);
  if (reason === undefined) return error;
  const { message } = new DataFolderNotWritableError(folder, reason);
  return new ArchonError(reason === 'ENOSPC' ? 'STORAGE_FULL' : 'STORAGE_UNAVAILABLE', message, { cause: error });
}
