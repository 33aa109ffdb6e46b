/**
 * Backup files: what a data folder remembers as `tar.gz`, laid out as in the data folder.
 *
 * Restoring is unpacking; any `tar` can do it in an emergency. The database is a physical copy, so that a backup is for
 * one major version of PostgreSQL; for another version, use the logical export.
 */
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { access, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import { DataFolderNotWritableError, notWritableReason } from '../data-folder-lock.ts';
import { POSTGRES_MAJOR } from '../embedded/cluster-folder.ts';
import { syncPath } from '../embedded/durable-files.ts';
import { BackupUnreadableError, ClusterVersionError } from '../embedded/embedded-errors.ts';
import { archiveFolder, unpackArchive } from './tar-archive.ts';

/** What may be in a backup, under the names of the data folder. */
export const BACKUP_PARTS = ['postgres', 'sessions.db', 'history.db'] as const;
export type BackupPart = (typeof BACKUP_PARTS)[number];

const MANIFEST_FILE = 'backup.json';

/** What a backup says of itself, in `backup.json` at its beginning. */
const manifestSchema = z.object({
  format: z.literal(1),
  app_version: z.string(),
  created_at: z.string(),
  parts: z.array(z.enum(BACKUP_PARTS)).refine((parts) => parts.includes('postgres')),
});
export type BackupManifest = z.infer<typeof manifestSchema>;

/** Says of a folder that is to become a backup what is in it. */
export async function writeManifest(folder: string, manifest: BackupManifest): Promise<void> {
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
}

/** Writes a folder into a backup file, which appears under its name only when it is complete and on the disk. */
export async function writeBackup(folder: string, file: string, signal: AbortSignal): Promise<{ bytes: number }> {
  const temporary = partialName(file);
  try {
    // The fastest level: pages of a database shrink well at any, and the user is waiting.
    const gzip = createGzip({ level: constants.Z_BEST_SPEED });
    await pipeline(Readable.from(archiveFolder(folder)), gzip, createWriteStream(temporary, { mode: 0o600 }), {
      signal,
    });
    await publish(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return { bytes: (await stat(file)).size };
}

/** Name of a file that is being written. */
export const partialName = (file: string): string => `${file}.partial-${process.pid}`;

/** Gives a file that is complete its name, once it is on the disk. */
export async function publish(temporary: string, file: string): Promise<void> {
  syncPath(temporary, 'file');
  await rename(temporary, file);
  syncPath(dirname(file), 'folder');
}

/**
 * Unpacks a backup file into a new folder.
 *
 * @throws BackupUnreadableError, ClusterVersionError, DataFolderNotWritableError when the disk of the folder is full
 */
export async function readBackup(file: string, folder: string, signal: AbortSignal): Promise<BackupManifest> {
  const gunzip = createGunzip();
  // Both have ended when this goes on, also after an error, so that nobody writes into a folder being removed.
  const [read, unpacked] = await Promise.allSettled([
    pipeline(createReadStream(file), gunzip, { signal }),
    unpackArchive(gunzip, folder),
  ]);
  signal.throwIfAborted();
  // What went wrong with the file explains what then went wrong with unpacking it.
  if (read.status === 'rejected' && !isGivenUp(read.reason)) throw unreadable(file, read.reason);
  if (unpacked.status === 'rejected') {
    const reason = notWritableReason(unpacked.reason);
    if (reason) throw new DataFolderNotWritableError(dirname(folder), reason, { cause: unpacked.reason });
    throw unreadable(file, unpacked.reason);
  }
  try {
    const manifest = readManifest(folder);
    for (const part of manifest.parts) await access(join(folder, part));
    await access(join(folder, 'postgres', 'global', 'pg_control'));
    const version = readFileSync(join(folder, 'postgres', 'PG_VERSION'), 'utf8').trim();
    if (version !== POSTGRES_MAJOR) throw new ClusterVersionError(file, version, POSTGRES_MAJOR);
    return manifest;
  } catch (error) {
    throw error instanceof ClusterVersionError ? error : unreadable(file, error);
  }
}

function readManifest(folder: string): BackupManifest {
  const manifest = manifestSchema.safeParse(JSON.parse(readFileSync(join(folder, MANIFEST_FILE), 'utf8')));
  if (!manifest.success) throw new Error('it is of another version of Archon, or no backup of Archon');
  return manifest.data;
}

function unreadable(file: string, error: unknown): BackupUnreadableError {
  const detail = error instanceof Error ? error.message : String(error);
  return new BackupUnreadableError(file, detail, { cause: error });
}

/** The reader stopped because unpacking did, which tears down the stream between them. */
function isGivenUp(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR';
}
