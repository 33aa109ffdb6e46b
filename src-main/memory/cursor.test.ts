import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from './cursor.ts';

const shape = z.object({ key: z.string(), id: z.string() });

describe('cursors', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (key, id) => {
        const position = { key: key.toWellFormed(), id: id.toWellFormed() };
        expect(decodeCursor(encodeCursor(position), shape)).toEqual(position);
      }),
    );
  });

  it('are refused when a character was changed', () => {
    const cursor = encodeCursor({ key: '2026-01-01T00:00:00.000Z', id: 'abc' });
    for (const place of cursor.split('').keys()) {
      const changed = cursor.slice(0, place) + (cursor[place] === 'A' ? 'B' : 'A') + cursor.slice(place + 1);
      expect(() => decodeCursor(changed, shape)).toThrow(/cursor/);
    }
  });

  it('are refused when they are of another list, or nothing of ours', () => {
    expect(() => decodeCursor(encodeCursor({ seq: 5 }), shape)).toThrow(/cursor/);
    for (const text of ['', 'x', '{}', '../../etc/passwd', '💥', 'A'.repeat(1000)]) {
      expect(() => decodeCursor(text, shape)).toThrow(/cursor/);
    }
  });
});
