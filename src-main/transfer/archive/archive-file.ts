/** Writes an archive to disk: whole or not at all. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { ExportScope } from '../../../src-contract/index.ts';
import { ArchiveChecksums } from './archive-checksums.ts';
import { ARCHIVE_FORMAT, ARCHIVE_VERSION, type ArchiveHeader } from './archive-format.ts';
import type { OutgoingRecord } from './archive-records.ts';

/** Ends the name of a file that is being written. */
export const PARTIAL_SUFFIX = '.partial';
/** Lines are handed to gzip in pieces of this many UTF-16 units, for it is slow on small ones. */
const PIECE_LENGTH = 64 * 1024;

export interface ArchiveProgress {
  records: number;
  bytes: number;
}

export interface WrittenArchive {
  bytes: number;
  /** Of the file. */
  sha256: string;
}

export interface ArchiveContent {
  scope: ExportScope;
  created_at: string;
  app_version: string;
  records: AsyncIterable<OutgoingRecord>;
  onRecord(record: OutgoingRecord, progress: ArchiveProgress): void;
}

/**
 * Writes the archive beside its place, syncs it to disk, and moves it there.
 *
 * @throws the error of the disk, such as ENOSPC, or the signal's reason; the unfinished file is removed
 */
export async function writeArchive(
  path: string,
  content: ArchiveContent,
  signal: AbortSignal,
): Promise<WrittenArchive> {
  const partial = path + PARTIAL_SUFFIX;
  const handle = await open(partial, 'w', 0o600);
  try {
    const written = await writeContent(handle, content, signal);
    await handle.sync();
    await handle.close();
    await rename(partial, path);
    await syncFolder(dirname(path));
    return written;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(partial, { force: true });
    throw error;
  }
}

async function writeContent(handle: FileHandle, content: ArchiveContent, signal: AbortSignal): Promise<WrittenArchive> {
  const progress: ArchiveProgress = { records: 0, bytes: 0 };
  const checksums = new ArchiveChecksums();
  const hash = createHash('sha256');
  await pipeline(
    inPieces(archiveLines(content, checksums, progress)),
    createGzip(),
    async (packed: AsyncIterable<Buffer>) => {
      for await (const piece of packed) {
        hash.update(piece);
        progress.bytes += piece.length;
        await handle.appendFile(piece);
      }
    },
    { signal },
  );
  return { bytes: progress.bytes, sha256: hash.digest('hex') };
}

async function* archiveLines(
  content: ArchiveContent,
  checksums: ArchiveChecksums,
  progress: ArchiveProgress,
): AsyncGenerator<string> {
  const header: ArchiveHeader = {
    type: 'header',
    format: ARCHIVE_FORMAT,
    version: ARCHIVE_VERSION,
    created_at: content.created_at,
    app_version: content.app_version,
    scope: content.scope,
  };
  yield `${JSON.stringify(header)}\n`;
  for await (const outgoing of content.records) {
    checksums.add(outgoing.type, outgoing.record);
    progress.records += 1;
    yield `${JSON.stringify(outgoing.record)}\n`;
    content.onRecord(outgoing, progress);
  }
  yield `${JSON.stringify({ type: 'manifest', ...checksums.totals() })}\n`;
}

async function* inPieces(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = '';
  for await (const line of lines) {
    piece += line;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** Makes the rename itself durable. Windows cannot open a folder and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
