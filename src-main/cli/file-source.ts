/** A file named on the command line, made readable for the engine. */
import { stat } from 'node:fs/promises';
import type { ImportSource } from '../../src-contract/index.ts';
import type { CommandContext } from './command.ts';
import type { Connection } from './connection.ts';
import { CommandError } from './exit-codes.ts';
import { uploadFile } from './upload.ts';

export async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new CommandError('not_found', `There is no file ${path}.`);
  if (!found.isFile()) throw new CommandError('usage', `${path} is not a file.`);
  if (found.size === 0) throw new CommandError('usage', `${path} is empty.`);
}

/** An engine of our own reads the file where it lies; a server gets it sent. */
export async function sourceOf(context: CommandContext, connection: Connection, path: string): Promise<ImportSource> {
  if (!connection.server) return { kind: 'file', path };
  return { kind: 'upload', upload_id: await uploadFile(context, connection.client, path) };
}
