/**
 * Backup files: the cluster's folder as `tar.gz`, a physical copy.
 *
 * Restoring is unpacking; any `tar` can do it in an emergency. Like the folder, a backup is for one major version of
 * PostgreSQL; for another version, use the logical export.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { access, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createGzip } from 'node:zlib';
import { syncPath } from './durable-files.ts';
import { BackupUnreadableError } from './embedded-errors.ts';
import { archiveFolder, unpackArchive } from './tar-archive.ts';

/** Writes a folder into a backup file, which appears under its name only when it is complete and on the disk. */
export async function writeBackup(folder: string, file: string): Promise<{ bytes: number }> {
  const temporary = `${file}.partial-${process.pid}`;
  try {
    // The fastest level: pages of a database shrink well at any, and the user is waiting.
    const gzip = createGzip({ level: constants.Z_BEST_SPEED });
    await pipeline(Readable.from(archiveFolder(folder)), gzip, createWriteStream(temporary, { mode: 0o600 }));
    syncPath(temporary, 'file');
    await rename(temporary, file);
    syncPath(dirname(file), 'folder');
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return { bytes: (await stat(file)).size };
}

/**
 * Unpacks a backup file into a new folder.
 *
 * @throws BackupUnreadableError
 */
export async function readBackup(file: string, folder: string): Promise<void> {
  try {
    const gunzip = createGunzip();
    // Both have ended when this goes on, also after an error, so that nobody writes into a folder being removed.
    const [read, unpacked] = await Promise.allSettled([
      pipeline(createReadStream(file), gunzip),
      unpackArchive(gunzip, folder),
    ]);
    // What went wrong with the file explains what then went wrong with unpacking it.
    if (read.status === 'rejected' && !isPrematureClose(read.reason)) throw read.reason;
    if (unpacked.status === 'rejected') throw unpacked.reason;
    for (const needed of ['PG_VERSION', join('global', 'pg_control')]) await access(join(folder, needed));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new BackupUnreadableError(file, detail, { cause: error });
  }
}

/** The reader stopped because unpacking did. */
function isPrematureClose(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
