import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveFolder, unpackArchive } from './tar-archive.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-tar-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function archive(from: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of archiveFolder(from)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Paths below a folder with the contents of files, as hex; folders end with a slash. */
function contents(of: string): Record<string, string> {
  const entries = readdirSync(of, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const name = relative(of, path);
    return entry.isDirectory() ? [`${name}/`, ''] : [name, readFileSync(path).toString('hex')];
  });
  return Object.fromEntries(entries);
}

function write(files: Record<string, Uint8Array | string>, to = join(folder, 'from')): string {
  mkdirSync(to, { recursive: true });
  for (const [name, data] of Object.entries(files)) {
    mkdirSync(dirname(join(to, name)), { recursive: true });
    writeFileSync(join(to, name), data);
  }
  return to;
}

describe('an archive', () => {
  it('gives back every file, whatever its size and however the bytes arrive', async () => {
    const name = fc.stringMatching(/^[a-z0-9_]{1,12}$/).map((part) => `f${part}`);
    const path = fc.tuple(fc.constantFrom('', 'base/5/', 'pg_wal/'), name).map((parts) => parts.join(''));
    const data = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(511, 512, 513, 2000).map((n) => Buffer.alloc(n, 7)),
    );
    const files = fc.dictionary(path, data, { maxKeys: 8 });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 1, max: 1500 }), async (written, chunk_bytes) => {
        round += 1;
        const from = write(written, join(folder, `from-${round}`));
        const to = join(folder, `to-${round}`);
        await unpackArchive(inChunks(await archive(from), chunk_bytes), to);
        expect(contents(to)).toEqual(contents(from));
      }),
      { numRuns: 30 },
    );
  });

  it('keeps empty folders, which a cluster needs', async () => {
    const from = write({});
    mkdirSync(join(from, 'pg_notify'));
    await unpackArchive(inChunks(await archive(from), 512), join(folder, 'to'));
    expect(contents(join(folder, 'to'))).toEqual({ 'pg_notify/': '' });
  });

  it('is read by the tar of the system', async () => {
    const from = write({ 'base/1/2': 'hello', PG_VERSION: '18' });
    writeFileSync(join(folder, 'a.tar'), await archive(from));
    mkdirSync(join(folder, 'to'));
    execFileSync('tar', ['-xf', join(folder, 'a.tar'), '-C', join(folder, 'to')]);
    expect(contents(join(folder, 'to'))).toEqual(contents(from));
  });

  it('of the system is read here', async () => {
    const from = write({ 'base/1/2': 'hello', PG_VERSION: '18' });
    execFileSync('tar', ['--format=ustar', '-cf', join(folder, 'a.tar'), '-C', from, '.']);
    await unpackArchive(inChunks(readFileSync(join(folder, 'a.tar')), 4096), join(folder, 'to'));
    expect(contents(join(folder, 'to'))).toEqual(contents(from));
  });

  it('unpacks for this user alone', async () => {
    await unpackArchive(inChunks(await archive(write({ 'base/1': 'private' })), 512), join(folder, 'to'));
    expect(statSync(join(folder, 'to/base')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'to/base/1')).mode & 0o777).toBe(0o600);
  });
});

describe('a bad archive', () => {
  const unpack = (bytes: Buffer) => unpackArchive(inChunks(bytes, 512), join(folder, 'to'));

  it('is refused when it is cut short', async () => {
    const whole = await archive(write({ a: 'x'.repeat(5000) }));
    await expect(unpack(whole.subarray(0, 3000))).rejects.toThrow(/ends early/);
    await expect(unpack(whole.subarray(0, whole.length - 1024))).rejects.toThrow(/ends early/);
  });

  it('is refused when a header is damaged', async () => {
    const whole = await archive(write({ a: 'x' }));
    whole[0] = 'b'.charCodeAt(0);
    await expect(unpack(whole)).rejects.toThrow(/wrong checksum/);
  });

  it('cannot write outside its folder', async () => {
    const whole = forge(await archive(write({ 'base/evil': 'x' })), (header) => {
      if (header.toString('latin1', 0, 9) === 'base/evil') header.write('../..');
    });
    await expect(unpack(whole)).rejects.toThrow(/outside its folder/);
  });

  it('cannot bring a link', async () => {
    const SYMBOLIC_LINK = '2';
    const whole = forge(await archive(write({ a: '' })), (header) => header.write(SYMBOLIC_LINK, 156));
    await expect(unpack(whole)).rejects.toThrow(/other than files/);
  });
});

/** Changes headers (of an archive whose files fit in a block) and makes their checksums right again. */
function forge(whole: Buffer, change: (header: Buffer) => void): Buffer {
  const forged = Buffer.from(whole);
  for (let at = 0; at < forged.length; at += 512) {
    const header = forged.subarray(at, at + 512);
    if (header.toString('latin1', 257, 262) !== 'ustar') continue;
    change(header);
    header.write(' '.repeat(8), 148);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  }
  return forged;
}
