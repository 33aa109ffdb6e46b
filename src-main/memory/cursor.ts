/** Positions in a list, opaque to callers and checked when they come back. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ArchonError } from '../errors.ts';

const CHECK_LENGTH = 8;

/**
 * Writes a position in the list of that name as an opaque string. The checksum is no secret: a cursor only moves within
 * what its reader may see anyway; it tells a damaged or edited one from ours. Whoever makes one up gets no further than
 * its schema.
 */
export function encodeCursor(list: string, position: Record<string, string | number>): string {
  const body = JSON.stringify([list, position]);
  return Buffer.from(checksum(body) + body, 'utf8').toString('base64url');
}

/** @throws ArchonError CURSOR_INVALID when it is not one of ours or belongs to another list */
export function decodeCursor<T>(list: string, cursor: string, shape: z.ZodType<T>): T {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const body = text.slice(CHECK_LENGTH);
  if (text.slice(0, CHECK_LENGTH) === checksum(body) && Buffer.from(text, 'utf8').toString('base64url') === cursor) {
    const decoded = z.tuple([z.literal(list), shape]).safeParse(parseJson(body));
    if (decoded.success) return decoded.data[1] as T;
  }
  throw cursorInvalid();
}

export function cursorInvalid(): ArchonError {
  return new ArchonError('CURSOR_INVALID', 'cursor is not one of this list: ask for the first page without a cursor.');
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Somebody made the checksum of it.
    return undefined;
  }
}

const checksum = (body: string): string =>
  createHash('sha256').update(`archon cursor ${body}`).digest('base64url').slice(0, CHECK_LENGTH);
