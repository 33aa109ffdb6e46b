/** `server.json` in the data folder: how the command line of this computer reaches the server that holds the folder. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const SERVER_FILE_NAME = 'server.json';
/** Milliseconds a running server has to answer. */
const PROBE_TIMEOUT_MS = 3000;

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

export const authorization = (server: ServerFile) => ({ authorization: `Bearer ${server.token}` });

/** True when the server of the file is still there and knows our token; the file of a killed one stays behind. */
export async function answers(server: ServerFile): Promise<boolean> {
  try {
    const response = await fetch(new URL('/api/memory/jobs', server.url), {
      headers: authorization(server),
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    await response.body?.cancel();
    // Only a token it knows can call too often.
    return response.status === 200 || response.status === 429;
  } catch {
    return false;
  }
}
