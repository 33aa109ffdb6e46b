/** How large a folder is: walked now and then, in small pieces, by one at a time. */
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, steadyMs } from '../../clock.ts';

/** Milliseconds that an answer is given again. */
const FRESH_MS = 300_000;
/** Files looked at: beyond, the size is told as at least this. */
const MOST_FILES = 200_000;

export interface FolderSize {
  bytes: number;
  /** Not all of it was looked at. */
  at_least: boolean;
}

export class FolderSizeWatch {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #most_files: number;
  #known: { size: FolderSize; at_ms: number } | undefined;
  #walking: Promise<FolderSize> | undefined;

  constructor(folder: string, clock: Clock, most_files = MOST_FILES) {
    this.#folder = folder;
    this.#clock = clock;
    this.#most_files = most_files;
  }

  /** As it was some minutes ago at most. @throws what the file system says of the folder itself */
  async size(): Promise<FolderSize> {
    const known = this.#known;
    if (known !== undefined && steadyMs(this.#clock) - known.at_ms < FRESH_MS) return known.size;
    this.#walking ??= this.#walk().finally(() => {
      this.#walking = undefined;
    });
    return await this.#walking;
  }

  async #walk(): Promise<FolderSize> {
    const size = await walk(this.#folder, this.#most_files);
    this.#known = { size, at_ms: steadyMs(this.#clock) };
    return size;
  }
}

/** What comes and goes meanwhile counts as far as it is seen; what symbolic links lead to is elsewhere. */
async function walk(root: string, most_files: number): Promise<FolderSize> {
  await stat(root);
  const waiting = [root];
  let [bytes, files] = [0, 0];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const entries = await opendir(folder).catch(() => undefined);
    if (entries === undefined) continue;
    for await (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      if (!entry.isFile()) continue;
      files += 1;
      // Leaving the loop closes the folder.
      if (files > most_files) return { bytes, at_least: true };
      bytes += (await stat(path).catch(() => undefined))?.size ?? 0;
    }
  }
  return { bytes, at_least: false };
}
