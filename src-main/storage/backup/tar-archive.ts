/**
 * Reading and writing tar archives (ustar), as far as a folder of files needs it: files and folders, no links.
 *
 * Streaming both ways, so that a cluster larger than memory can be saved. Any `tar` can read what is written here.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html (ustar Interchange Format)
 */
import { createReadStream, type Stats } from 'node:fs';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const BLOCK = 512;
const NAME_BYTES = 100;
/** Eleven octal digits. */
const MAX_FILE_BYTES = 8 ** 11 - 1;
const REGULAR_FILE = '0';
const FOLDER = '5';

/** The archive of a folder's contents, with paths relative to it. */
export async function* archiveFolder(folder: string, prefix = ''): AsyncGenerator<Buffer> {
  yield* folderEntries(folder, prefix);
  yield Buffer.alloc(2 * BLOCK);
}

async function* folderEntries(folder: string, prefix: string): AsyncGenerator<Buffer> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    const name = prefix + entry.name;
    const info = await stat(path);
    if (entry.isDirectory()) {
      yield header(`${name}/`, FOLDER, 0, info);
      yield* folderEntries(path, `${name}/`);
    } else {
      yield header(name, REGULAR_FILE, info.size, info);
      // Exactly as many bytes as announced, should the file have grown.
      if (info.size > 0) yield* createReadStream(path, { end: info.size - 1, highWaterMark: 256 * 1024 });
      yield Buffer.alloc(paddingAfter(info.size));
    }
  }
}

function header(name: string, type: string, size: number, info: Stats): Buffer {
  if (Buffer.byteLength(name) > NAME_BYTES) throw new Error(`the name ${name} is too long for a tar archive`);
  if (size > MAX_FILE_BYTES) throw new Error(`the file ${name} is too large for a tar archive`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${Math.floor(value).toString(8).padStart(digits, '0')}\0`;
  block.write(name, 0);
  block.write(octal(info.mode & 0o777, 7), 100);
  block.write(octal(0, 7), 108); // No owner: the files belong to whoever restores them.
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(info.mtimeMs / 1000, 11), 136);
  block.write(type, 156);
  block.write('ustar\x0000', 257);
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** The sum of the header's bytes, its own field taken as blanks. */
function checksum(block: Buffer): number {
  const CHECKSUM_AT = 148;
  const CHECKSUM_BYTES = 8;
  let sum = CHECKSUM_BYTES * 0x20;
  for (const [at, byte] of block.entries()) {
    if (at < CHECKSUM_AT || at >= CHECKSUM_AT + CHECKSUM_BYTES) sum += byte;
  }
  return sum;
}

const paddingAfter = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

/**
 * Unpacks an archive into a folder, which is created.
 *
 * @throws Error when the archive is damaged, ends early, or names something outside the folder
 */
export async function unpackArchive(archive: AsyncIterable<Buffer>, folder: string): Promise<void> {
  const source = new ByteSource(archive);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let block = await source.take(BLOCK); block.some((byte) => byte !== 0); block = await source.take(BLOCK)) {
      await unpackEntry(readHeader(block), source, folder);
    }
    await source.drain();
  } finally {
    await source.close();
  }
}

async function unpackEntry(entry: Entry, source: ByteSource, folder: string): Promise<void> {
  const path = join(folder, entry.name);
  if (entry.type === FOLDER) {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return;
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Not a stream: one that fails may still make its file after the error, in a folder being removed.
  await writeFile(path, source.stream(entry.size), { mode: 0o600 });
  await source.take(paddingAfter(entry.size));
}

interface Entry {
  name: string;
  type: string;
  size: number;
}

function readHeader(block: Buffer): Entry {
  const field = (from: number, to: number) => (block.toString('utf8', from, to).split('\0', 1)[0] ?? '').trim();
  if (checksum(block) !== Number.parseInt(field(148, 156), 8)) throw new Error('it is damaged (wrong checksum)');
  const prefix = field(345, 500);
  const name = (prefix ? `${prefix}/` : '') + field(0, NAME_BYTES);
  const parts = name.split(/[/\\]/).filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new Error(`it names a file outside its folder (${name})`);
  const type = field(156, 157) || REGULAR_FILE;
  if (type !== REGULAR_FILE && type !== FOLDER) throw new Error(`it holds something other than files (${name})`);
  return { name: parts.join('/'), type, size: Number.parseInt(field(124, 136), 8) };
}

/** Takes bytes in the pieces the reader wants from a stream that comes in others. */
class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  async take(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.stream(bytes)) parts.push(part);
    return Buffer.concat(parts);
  }

  async *stream(bytes: number): AsyncGenerator<Buffer> {
    let missing = bytes;
    while (missing > 0) {
      if (this.#rest.length === 0) {
        const chunk = await this.#chunks.next();
        if (chunk.done) throw new Error('it ends early');
        this.#rest = chunk.value;
      }
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
      yield part;
    }
  }

  /** Reads to the end, so that a checksum of the whole is verified by the stream behind. */
  async drain(): Promise<void> {
    while (!(await this.#chunks.next()).done);
  }
  /** Lets go of the stream, read to its end or not. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
