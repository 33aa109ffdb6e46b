/** Writes an archive to disk: whole or not at all, and behind what was written when it was stopped. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import type { ExportScope } from '../../../src-contract/index.ts';
import { ArchiveChecksums, archiveTotals } from './archive-checksums.ts';
import { ARCHIVE_FORMAT, type ArchiveHeader, versionFor } from './archive-format.ts';
import { type ExportPosition, exportPosition, type OutgoingRecord } from './archive-records.ts';

/** Ends the name of a file that is being written. */
export const PARTIAL_SUFFIX = '.partial';

/**
 * UTF-16 units of text in one member of the gzip file. The file is a row of such members (RFC 1952, 2.2), each of which
 * is whole: at the end of any of them writing can stop and go on.
 */
const MEMBER_LENGTH = 1024 * 1024;

const packed = promisify(gzip);

/** Where writing goes on: the file up to here holds whole records. */
export const archiveCheckpoint = z.object({
  bytes: z.int().min(0),
  /** Of those bytes: what was written must still be there. */
  sha256: z.string(),
  totals: archiveTotals,
  records: z.int().min(0),
  position: exportPosition.nullable(),
});
export type ArchiveCheckpoint = z.infer<typeof archiveCheckpoint>;

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
  /** The records behind a position, or all. */
  records(after: ExportPosition | undefined): AsyncIterable<OutgoingRecord>;
  /** Writing begins behind this, or at the beginning. */
  onBegin(from: ArchiveCheckpoint | null): void;
  onRecord(record: OutgoingRecord, progress: ArchiveProgress): void;
  /** What is on disk is enough to go on from. */
  onCheckpoint(checkpoint: ArchiveCheckpoint): void;
}

/**
 * Writes the archive beside its place, syncs it to disk, and moves it there.
 *
 * When it is stopped, by the signal or by a source that fails, what was read so far is written first and told as a
 * checkpoint; the partial file is the caller's to keep or to remove.
 *
 * @param options `resume` goes on from there, if the file still is as it was; else from the beginning
 * @throws the error of the disk, such as ENOSPC, of the source, or the signal's reason
 */
export async function writeArchive(
  path: string,
  content: ArchiveContent,
  options: { signal: AbortSignal; resume: ArchiveCheckpoint | null; member_length?: number },
): Promise<WrittenArchive> {
  const { signal, resume, member_length = MEMBER_LENGTH } = options;
  const partial = path + PARTIAL_SUFFIX;
  const from = resume === null ? null : await usable(partial, resume);
  content.onBegin(from?.checkpoint ?? null);
  const handle = await open(partial, from === null ? 'w' : 'r+', 0o600);
  try {
    const writer = new ArchiveWriter(handle, content, from, member_length);
    await writer.run(signal);
    await handle.sync();
    await handle.close();
    await rename(partial, path);
    await syncFolder(dirname(path));
    return writer.written();
  } finally {
    await handle.close().catch(() => undefined);
  }
}

export async function removePartial(path: string): Promise<void> {
  await rm(path + PARTIAL_SUFFIX, { force: true });
}

/** What was written before, with its hash, when all of it is still there. */
async function usable(
  partial: string,
  checkpoint: ArchiveCheckpoint,
): Promise<{ checkpoint: ArchiveCheckpoint; hash: Hash } | null> {
  const found = await stat(partial).catch(() => undefined);
  if (found === undefined || found.size < checkpoint.bytes) return null;
  const hash = createHash('sha256');
  if (checkpoint.bytes > 0) {
    for await (const chunk of createReadStream(partial, { end: checkpoint.bytes - 1 })) hash.update(chunk as Buffer);
  }
  return hash.copy().digest('hex') === checkpoint.sha256 ? { checkpoint, hash } : null;
}

class ArchiveWriter {
  readonly #handle: FileHandle;
  readonly #content: ArchiveContent;
  readonly #checksums: ArchiveChecksums;
  readonly #hash: Hash;
  readonly #memberLength: number;
  #bytes: number;
  #records: number;
  #position: ExportPosition | null;
  /** Text of the member that is not written yet. */
  #pending = '';

  constructor(
    handle: FileHandle,
    content: ArchiveContent,
    from: { checkpoint: ArchiveCheckpoint; hash: Hash } | null,
    member_length: number,
  ) {
    this.#memberLength = member_length;
    this.#handle = handle;
    this.#content = content;
    this.#checksums = new ArchiveChecksums(from?.checkpoint.totals);
    this.#hash = from?.hash ?? createHash('sha256');
    this.#bytes = from?.checkpoint.bytes ?? 0;
    this.#records = from?.checkpoint.records ?? 0;
    this.#position = from?.checkpoint.position ?? null;
  }

  written(): WrittenArchive {
    return { bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') };
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#handle.truncate(this.#bytes);
    if (this.#bytes === 0) this.#pending = `${JSON.stringify(this.#header())}\n`;
    try {
      await this.#takeAll(signal);
    } catch (error) {
      if (!isOfDisk(error)) await this.#checkpoint();
      throw error;
    }
    this.#pending += `${JSON.stringify({ type: 'manifest', ...this.#checksums.totals() })}\n`;
    await this.#writeMember();
  }

  async #takeAll(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for await (const outgoing of this.#content.records(this.#position ?? undefined)) {
      this.#checksums.add(outgoing.type, outgoing.record);
      this.#records += 1;
      this.#position = outgoing.at;
      this.#pending += `${JSON.stringify(outgoing.record)}\n`;
      if (this.#pending.length >= this.#memberLength) await this.#checkpoint();
      this.#content.onRecord(outgoing, { records: this.#records, bytes: this.#bytes });
      signal.throwIfAborted();
    }
  }

  /** Everything taken so far is on disk afterwards. */
  async #checkpoint(): Promise<void> {
    await this.#writeMember();
    await this.#handle.sync();
    this.#content.onCheckpoint({
      bytes: this.#bytes,
      sha256: this.#hash.copy().digest('hex'),
      totals: this.#checksums.totals(),
      records: this.#records,
      position: this.#position,
    });
  }

  async #writeMember(): Promise<void> {
    if (this.#pending === '') return;
    const member = await packed(this.#pending);
    this.#pending = '';
    let done = 0;
    while (done < member.length) {
      const { bytesWritten } = await this.#handle.write(member, done, member.length - done, this.#bytes + done);
      done += bytesWritten;
    }
    this.#hash.update(member);
    this.#bytes += member.length;
  }

  #header(): ArchiveHeader {
    const { scope, created_at, app_version } = this.#content;
    return { type: 'header', format: ARCHIVE_FORMAT, version: versionFor(scope), created_at, app_version, scope };
  }
}

/** What the file system says: nothing more can be written then. */
function isOfDisk(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS' || code === 'EIO';
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
