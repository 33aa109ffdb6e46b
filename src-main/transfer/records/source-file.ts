/** A file to import: looked at once, then read as unpacked bytes from any place. */
import { createHash } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ArchonError, invalidField } from '../../errors.ts';
import { PACKED_CHUNK_BYTES, unpacked } from './gunzip.ts';

/** Bytes per read: large enough that 1 GB takes few round trips, small enough that the event loop is never held long. */
const CHUNK_BYTES = 256 * 1024;
/** What is hashed at either end to know a file again without reading it whole. */
const FINGERPRINT_BYTES = 64 * 1024;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
/** How other packed files begin: a ZIP, an empty one, one in parts, 7-Zip, RAR. */
const PACKED: readonly (readonly [name: string, magic: Buffer])[] = [
  ['ZIP', Buffer.from('PK\u0003\u0004', 'latin1')],
  ['ZIP', Buffer.from('PK\u0005\u0006', 'latin1')],
  ['ZIP', Buffer.from('PK\u0007\u0008', 'latin1')],
  ['7-Zip', Buffer.from('7z\u00bc\u00af\u0027\u001c', 'latin1')],
  ['RAR', Buffer.from('Rar!\u001a\u0007', 'latin1')],
];
const UTF16_MARKS = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];

export interface SourceFile {
  path: string;
  name: string;
  /** Bytes on disk. */
  size: number;
  mtime_ms: number;
  gzip: boolean;
  /** SHA-256 of size, first and last 64 KiB: the same file read again, wherever it lies. */
  fingerprint: string;
}

/** Looks at a file before it is imported. @throws ArchonError when it cannot be one of ours */
export async function inspectSource(path: string, name = basename(path)): Promise<SourceFile> {
  try {
    const { size, mtimeMs, head, tail } = await lookAt(path);
    if (size === 0) throw invalidField('source', `is an empty file: ${name}`);
    refuseForeignEncodings(head, name);
    const fingerprint = createHash('sha256').update(`${size}\n`).update(head).update(tail).digest('hex');
    return { path, name, size, mtime_ms: mtimeMs, gzip: head.subarray(0, 2).equals(GZIP_MAGIC), fingerprint };
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function lookAt(path: string): Promise<{ size: number; mtimeMs: number; head: Buffer; tail: Buffer }> {
  // Before it is opened: opening a named pipe would wait for its writer.
  if (!(await stat(path)).isFile()) {
    throw invalidField(
      'source.path',
      `is not a file: ${path}. Name one file; import the files of a folder one by one.`,
    );
  }
  const handle = await open(path, 'r');
  try {
    const { size, mtimeMs } = await handle.stat();
    const head = await readPart(handle, 0, FINGERPRINT_BYTES);
    const tail = await readPart(handle, Math.max(0, size - FINGERPRINT_BYTES), FINGERPRINT_BYTES);
    return { size, mtimeMs, head, tail };
  } finally {
    await handle.close();
  }
}

async function readPart(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function refuseForeignEncodings(head: Buffer, name: string): void {
  const packed = PACKED.find(([, magic]) => head.subarray(0, magic.length).equals(magic));
  if (packed) {
    throw invalidField(
      'source',
      `is a ${packed[0]} file: ${name}. Unpack it, with its password if it has one, and import the conversations.json inside.`,
    );
  }
  if (UTF16_MARKS.some((mark) => head.subarray(0, 2).equals(mark))) {
    throw invalidField('source', `is text in UTF-16: ${name}. Save it as UTF-8 and import it again.`);
  }
}

function unreadable(path: string, error: unknown): unknown {
  if (error instanceof ArchonError || !(error instanceof Error) || !('code' in error)) return error;
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return invalidField('source.path', `is not there: ${path}. Was it moved or deleted? Choose it again.`);
    case 'EACCES':
    case 'EPERM':
      return invalidField(
        'source.path',
        `may not be read by this user: ${path}. Change its permissions, or copy it to a folder of yours.`,
      );
    default:
      return invalidField('source.path', `cannot be read: ${path} (${error.message})`);
  }
}

/** One pass over the unpacked bytes of a source. */
export class SourceReader {
  readonly #source: SourceFile;
  readonly #start: number;
  readonly #signal: AbortSignal;
  #file: ReadStream | undefined;

  /** @param start unpacked bytes to pass over; of a gzip file they are unpacked all the same, for gzip has no index. */
  constructor(source: SourceFile, start: number, signal: AbortSignal) {
    this.#source = source;
    this.#start = start;
    this.#signal = signal;
  }

  /** Bytes of the file on disk read so far. */
  get bytesRead(): number {
    return (this.#source.gzip ? 0 : this.#start) + (this.#file?.bytesRead ?? 0);
  }

  /**
   * The bytes from `start` on.
   *
   * Ends early, without an error, when the signal aborts. An error of the disk or of gzip is thrown.
   */
  async *chunks(): AsyncGenerator<Buffer> {
    const { path, gzip } = this.#source;
    const file = createReadStream(path, {
      highWaterMark: gzip ? PACKED_CHUNK_BYTES : CHUNK_BYTES,
      start: gzip ? 0 : this.#start,
    });
    this.#file = file;
    const bytes: AsyncIterable<Buffer> = gzip ? unpacked(file) : file;
    let toSkip = gzip ? this.#start : 0;
    try {
      for await (const chunk of bytes) {
        if (this.#signal.aborted) return;
        const rest = chunk.subarray(Math.min(toSkip, chunk.length));
        toSkip -= chunk.length - rest.length;
        if (rest.length > 0) yield rest;
      }
    } finally {
      file.destroy();
    }
  }
}
