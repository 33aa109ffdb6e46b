import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ArchonError } from '../errors.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

const shape = z.object({ key: z.string(), id: z.string() });

describe('cursors', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (key, id) => {
        const position = { key: key.toWellFormed(), id: id.toWellFormed() };
        expect(decodeCursor('list', encodeCursor('list', position), shape)).toEqual(position);
      }),
    );
  });

  it('are refused when a character was changed', () => {
    const cursor = encodeCursor('list', { key: '2026-01-01T00:00:00.000Z', id: 'abc' });
    for (const place of cursor.split('').keys()) {
      const changed = cursor.slice(0, place) + (cursor[place] === 'A' ? 'B' : 'A') + cursor.slice(place + 1);
      expect(() => decodeCursor('list', changed, shape)).toThrow(/cursor/);
    }
  });

  it('are refused when they are of another list, or nothing of ours', () => {
    expect(() => decodeCursor('list', encodeCursor('list', { seq: 5 }), shape)).toThrow(/cursor/);
    const same = { key: 'k', id: 'i' };
    expect(() => decodeCursor('list', encodeCursor('other', same), shape)).toThrow(/cursor/);
    for (const text of ['', 'x', '{}', '../../etc/passwd', '💥', 'A'.repeat(1000)]) {
      expect(() => decodeCursor('list', text, shape)).toThrow(/cursor/);
    }
  });

  it('are refused when somebody made the checksum of what is no position', () => {
    for (const body of ['', 'x', '{', 'null', '[]', '["list"]', '["list",{"key":1}]']) {
      const check = createHash('sha256').update(`archon cursor ${body}`).digest('base64url').slice(0, 8);
      expect(() => decodeCursor('list', Buffer.from(check + body).toString('base64url'), shape)).toThrow(ArchonError);
    }
  });
});
