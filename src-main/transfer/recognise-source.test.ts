import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { holdsArchive } from './recognise-source.ts';
import { inspectSource, SourceReader } from './records/source-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archon-recognise-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Whether the file is taken for an archive, and how many bytes of it were read for that. */
async function lookAt(content: string | Uint8Array): Promise<{ archive: boolean; bytes: number }> {
  const path = join(folder, 'file');
  await writeFile(path, content);
  const chunks = SourceReader.prototype.chunks;
  let bytes = 0;
  const spy = vi.spyOn(SourceReader.prototype, 'chunks').mockImplementation(async function* (this: SourceReader) {
    for await (const chunk of chunks.call(this)) {
      bytes += chunk.length;
      yield chunk;
    }
  });
  const archive = await holdsArchive(await inspectSource(path));
  spy.mockRestore();
  return { archive, bytes };
}

describe('telling an archive by its beginning', () => {
  const header = '{"type":"header","format":"archon-archive","version":1}';

  it.each<[string, string | Uint8Array, boolean]>([
    ['an archive', `${header}\n${'{"type":"link"}\n'.repeat(200_000)}`, true],
    ['a packed archive', gzipSync(`${header}\n{"type":"manifest"}\n`), true],
    ['a header that is all there is', header, true],
    ['an export on a single line', `[${'{"mapping":{}},'.repeat(200_000)}{}]`, false],
    ['a header behind more spaces than one has', `${' '.repeat(3_000_000)}${header}\n`, false],
    ['packed spaces', gzipSync(Buffer.alloc(80_000_000, ' ')), false],
  ])('reads no more than that of %s', async (_what, content, archive) => {
    const seen = await lookAt(content);
    expect(seen.archive).toBe(archive);
    expect(seen.bytes).toBeLessThan(300_000);
  });
});
