import { describe, expect, it } from 'vitest';
import type { DiagnosticsPiece } from '../../../../../src-contract/index.ts';
import { readDiagnostics } from './read-diagnostics.ts';

async function* of(...pieces: DiagnosticsPiece[]) {
  yield* pieces;
}
const file: DiagnosticsPiece = { kind: 'file', file: 'health.json', done: 1, of: 4 };
const bytes = (text: string): DiagnosticsPiece => ({ kind: 'bytes', base64: btoa(text) });

describe('reading diagnostics', () => {
  it('puts the pieces together and tells how far it is', async () => {
    const told: unknown[] = [];
    const missing = [{ file: 'journal.json', why: 'away' }];
    const read = await readDiagnostics(of(file, bytes('PK'), bytes('\xff!'), { kind: 'end', missing }), (progress) =>
      told.push(progress),
    );
    expect(read.missing).toEqual(missing);
    expect(read.parts.flatMap((part) => [...part])).toEqual([0x50, 0x4b, 0xff, 0x21]);
    expect(told.at(-1)).toEqual({ file: 'health.json', share: 0.25, bytes: 4 });
  });

  it('does not take a part for the whole', async () => {
    await expect(readDiagnostics(of(file, bytes('PK')), () => {})).rejects.toThrow('cut off');
  });
});
