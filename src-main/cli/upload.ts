/** Sends a file to a running server in pieces. */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { type ArchonClient, MAX_CHUNK_BYTES } from '../../src-contract/index.ts';
import { systemClock } from '../clock.ts';
import type { CommandContext } from './command.ts';
import { CommandError } from './exit-codes.ts';
import { Progress } from './progress.ts';

/** @returns the upload's id, to import from */
export async function uploadFile(context: CommandContext, client: ArchonClient, path: string): Promise<string> {
  const progress = new Progress(context.host.stderr, systemClock);
  const name = basename(path);
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { upload_id } = await client.transfer.beginUpload({ name, size });
    const buffer = new Uint8Array(Math.min(MAX_CHUNK_BYTES, size));
    let sent = 0;
    while (sent < size) {
      if (context.host.signal.aborted)
        throw new CommandError('interrupted', 'The upload was stopped; nothing was imported.');
      const { bytesRead } = await file.read(buffer, 0, buffer.length, sent);
      if (bytesRead === 0) throw new CommandError('failed', `${path} became shorter while it was sent.`);
      const chunk = new File([buffer.subarray(0, bytesRead)], name);
      const { received } = await client.transfer.sendChunk({ upload_id, offset: sent, chunk });
      sent = received;
      progress.update({ label: `sending ${name}`, done: sent, total: size });
    }
    return upload_id;
  } finally {
    progress.finish();
    await file.close();
  }
}
