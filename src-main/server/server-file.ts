/** `server.json` in the data folder: how the command line of this computer reaches the server that holds the folder. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const SERVER_FILE_NAME = 'server.json';

const serverFile = z.object({
  url: z.url(),
  /** Port agents use; that of `url` is another one when the server speaks HTTPS. */
  port: z.int().positive(),
  pid: z.int().positive(),
  /** A token that lives as long as the server. */
  token: z.string().min(1),
});
export type ServerFile = z.infer<typeof serverFile>;

/** Readable for this user alone: whoever reads it can call the server. */
export function writeServerFile(data_dir: string, content: ServerFile): void {
  const path = join(data_dir, SERVER_FILE_NAME);
  // A leftover may have another mode, which writing would keep.
  rmSync(path, { force: true });
  writeFileSync(path, `${JSON.stringify(content)}\n`, { mode: 0o600, flag: 'wx' });
}

/** The file of a running server, or of one that was killed; undefined when there is none or it is not whole. */
export function readServerFile(data_dir: string): ServerFile | undefined {
  try {
    return serverFile.parse(JSON.parse(readFileSync(join(data_dir, SERVER_FILE_NAME), 'utf8')));
  } catch {
    return undefined;
  }
}

export function removeServerFile(data_dir: string): void {
  rmSync(join(data_dir, SERVER_FILE_NAME), { force: true });
}
