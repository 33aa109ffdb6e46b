import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, recordsOf } from '../../../tests/support/transfer-chunks.ts';
import { detectLayout, RecordReader } from './layout.ts';
import { inspectSource, type SourceFile, SourceReader } from './source-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archon-layout-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const { signal } = new AbortController();

async function source(content: string | Uint8Array): Promise<SourceFile> {
  const path = join(folder, 'file');
  await writeFile(path, content);
  return await inspectSource(path);
}

describe('telling a file of lines from a JSON file', () => {
  it.each<[string, 'json' | 'ndjson', string]>([
    ['an array', 'json', '[{"a":1}]'],
    ['an array after a byte order mark and an empty line', 'json', '\uFEFF\n [\n{"a":1}\n]'],
    ['one object per line', 'ndjson', '{"a":1}\n{"b":2}\n'],
    ['one single object', 'ndjson', '{"a":1}'],
    ['an object around an array, on one line', 'json', '{"conversations":[{"a":1}]}'],
    ['an object around an array, its elements one per line', 'json', '{"conversations": [\n{"a":1},\n{"b":2}\n]}'],
    ['a pretty-printed object', 'json', '{\n  "a": {\n    "b": 1\n  }\n}\n'],
    ['lines of which the first is broken', 'ndjson', '{"a":\n{"b":2}\n'],
    ['lines of which the first is no JSON at all', 'ndjson', '# log\n{"b":2}\n'],
  ])('%s', async (_what, layout, content) => {
    expect(await detectLayout(await source(content), signal)).toBe(layout);
  });
});

describe('reading a file from disk', () => {
  it('unpacks gzip, several members in one file too, and goes on at any place in it', async () => {
    const packed = Buffer.concat([gzipSync('{"a":1}\n{"b":'), gzipSync('2}\n{"c":3}\n')]);
    const file = await source(packed);
    expect(file.gzip).toBe(true);
    expect(await detectLayout(file, signal)).toBe('ndjson');
    const all = await collect(new RecordReader(file, 'ndjson', { signal }).records);
    expect(recordsOf(all).map(({ text }) => text)).toEqual(['{"a":1}', '{"b":2}', '{"c":3}']);
    const from = all[0]?.end;
    const rest = await collect(new RecordReader(file, 'ndjson', { signal, ...(from ? { from } : {}) }).records);
    expect(rest).toEqual(all.slice(1));
  });

  it('throws for a gzip file that was cut off, after giving what was there', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `{"number":${index},"text":"${Math.sin(index)}"}\n`);
    const packed = gzipSync(lines.join(''));
    const file = await source(packed.subarray(0, packed.length / 2));
    let records = 0;
    await expect(
      (async () => {
        for await (const _event of new RecordReader(file, 'ndjson', { signal }).records) records += 1;
      })(),
    ).rejects.toThrow('unexpected end of file');
    expect(records).toBeGreaterThan(1000);
  });

  it('stops without an error when it is told to', async () => {
    const abort = new AbortController();
    const file = await source('x'.repeat(2_000_000));
    let bytes = 0;
    for await (const chunk of new SourceReader(file, 0, abort.signal).chunks()) {
      bytes += chunk.length;
      abort.abort();
    }
    expect(bytes).toBeLessThan(2_000_000);
  });

  it('knows a file again by its content, not by its name', async () => {
    const first = await source('{"a":1}\n');
    const path = join(folder, 'other');
    await writeFile(path, '{"a":1}\n');
    expect((await inspectSource(path)).fingerprint).toBe(first.fingerprint);
    expect((await source('{"a":2}\n')).fingerprint).not.toBe(first.fingerprint);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['a ZIP', Buffer.from('PK\u0003\u0004rest', 'latin1'), /ZIP file.*Unpack it/],
    ['text in UTF-16', Buffer.from('\uFEFF{}', 'utf16le'), /UTF-16.*Save it as UTF-8/],
    ['an empty file', '', /empty file/],
  ])('refuses %s and says what to do', async (_what, content, message) => {
    await expect(source(content)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      message: expect.stringMatching(message),
    });
  });

  it('refuses a folder and a path that leads nowhere', async () => {
    await expect(inspectSource(folder)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      message: expect.stringMatching(/is not a file/),
    });
    await expect(inspectSource(join(folder, 'nothing'))).rejects.toMatchObject({
      message: expect.stringMatching(/is not there/),
    });
  });
});
