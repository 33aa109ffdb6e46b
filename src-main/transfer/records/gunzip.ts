/** Unpacks gzip, and gives all that can be unpacked before it throws for a file that is damaged or cut off. */
import { createGunzip } from 'node:zlib';

/** Bytes of packed input at a time. They unpack to at most about 1,000 times as many, which must fit in memory. */
export const PACKED_CHUNK_BYTES = 32 * 1024;

/**
 * The unpacked bytes of a gzip file, several members in a row included.
 *
 * Not by piping and iterating: a stream that fails drops what it has unpacked and nobody has read yet.
 *
 * @throws the error of zlib, its code beginning with Z_
 */
export async function* unpacked(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const ready: Buffer[] = [];
  let failure: Error | undefined;
  /** Ends the wait for the piece being unpacked. */
  let settle: () => void = () => undefined;
  gunzip.on('data', (chunk: Buffer) => ready.push(chunk));
  gunzip.on('error', (error) => {
    failure = error;
    settle();
  });
  // Not by racing a promise of failure: it would hold what every race leaves behind, for as long as the file is read.
  const settled = async (work: (done: () => void) => void) => {
    await new Promise<void>((resolve) => {
      settle = resolve;
      if (failure) resolve();
      else work(resolve);
    });
    // What was unpacked is handed over by the next turn of the event loop at the latest.
    await new Promise((resolve) => setImmediate(resolve));
  };
  try {
    for await (const piece of packed) {
      await settled((done) => gunzip.write(piece, () => done()));
      yield* ready.splice(0);
      if (failure) throw failure;
    }
    await settled((done) => {
      gunzip.on('end', done);
      gunzip.end();
    });
    yield* ready.splice(0);
    if (failure) throw failure;
  } finally {
    gunzip.destroy();
  }
}

export function isGzipFault(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
}
