import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { chopped, collect } from '../../../tests/support/transfer-chunks.ts';
import { unpacked } from './gunzip.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('unpacking gzip', () => {
  it('gives what was packed, however the bytes arrive', async () => {
    const content = randomBytes(300_000);
    const pieces = await collect(unpacked(chopped(gzipSync(content), [7, 50_000, 1])));
    expect(Buffer.concat(pieces)).toEqual(content);
  });

  it('keeps nothing of the pieces that are done with', async () => {
    const held: number[] = [];
    async function* watched(packed: Buffer): AsyncGenerator<Buffer> {
      let pieces = 0;
      for await (const piece of chopped(packed, [8])) {
        yield piece;
        pieces += 1;
        if (pieces % 5000 !== 0) continue;
        collectGarbage();
        held.push(process.memoryUsage().heapUsed);
      }
    }
    for await (const _piece of unpacked(watched(gzipSync(randomBytes(130_000)))));
    expect(held).toHaveLength(3);
    expect((held[2] ?? 0) - (held[0] ?? 0)).toBeLessThan(1_000_000);
  });

  it('throws for what follows damage, after giving what came before', async () => {
    const packed = gzipSync(Buffer.alloc(1_000_000, 'text '));
    packed.fill(0xff, packed.length - 400, packed.length - 8);
    let bytes = 0;
    await expect(
      (async () => {
        for await (const piece of unpacked(chopped(packed, [64]))) bytes += piece.length;
      })(),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^Z_/) });
    expect(bytes).toBeGreaterThan(0);
  });
});
