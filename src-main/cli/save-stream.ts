/** Saves what a connection hands out as a file. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandError } from './exit-codes.ts';

/**
 * Writes beside the target and renames, so that a file of that name is always whole.
 *
 * @param sha256 what the bytes must have; null where nobody knows
 */
export async function saveStream(
  stream: ReadableStream<Uint8Array>,
  sha256: string | null,
  out: string,
): Promise<void> {
  const partial = `${out}.part`;
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    const bytes = Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]);
    await pipeline(bytes, hashing, createWriteStream(partial, { mode: 0o600 }));
    if (sha256 !== null && hash.digest('hex') !== sha256) {
      throw new CommandError('failed', 'The archive was damaged on its way; run the command again.');
    }
    await rename(partial, out);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
