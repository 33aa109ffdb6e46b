/** Snapshots as the data folder keeps them: one small file each, replaced as a whole, so that a crash leaves one or the other. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { exportScope, instant, snapshot } from '../../../src-contract/index.ts';
import { withSqliteFaults } from '../../storage/sqlite-faults.ts';
import { archiveCheckpoint } from '../../transfer/archive/archive-file.ts';

const ENDING = '.json';

/** Where the records come from, and how far reading them is. */
const origin = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('profile'),
    place: z.string(),
    scope: exportScope,
    checkpoint: archiveCheckpoint.nullable(),
  }),
  z.object({
    kind: z.literal('archive'),
    path: z.string(),
    fingerprint: z.string(),
    /** It was sent to be opened, and is removed afterwards. */
    is_ours: z.boolean(),
  }),
]);

export const storedSnapshot = z.object({
  org_id: z.string(),
  shown: snapshot,
  origin,
  /** The archive, once it is there and known to be whole. */
  ready: z
    .object({ taken_at: instant, bytes: z.int(), sha256: z.string().nullable(), counts: z.record(z.string(), z.int()) })
    .nullable(),
  /** Of the copy, from the beginning. */
  profile_id: z.string().nullable(),
});
export type StoredSnapshot = z.infer<typeof storedSnapshot>;

export class SnapshotFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Those that can be read; one of another version, or a damaged one, is passed over. */
  readAll(): StoredSnapshot[] {
    return this.#names().flatMap((file) => storedSnapshot.safeParse(parsed(join(this.#folder, file))).data ?? []);
  }

  /** Ids of all there are, those that cannot be read included. */
  ids(): string[] {
    return this.#names().map((file) => file.slice(0, -ENDING.length));
  }

  /** @throws SqliteFileError with what to do when the disk refuses */
  save(stored: StoredSnapshot): void {
    const path = this.#path(stored.shown.snapshot_id);
    withSqliteFaults(path, () => {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      const draft = `${path}.new`;
      const written = openSync(draft, 'w', 0o600);
      try {
        // All of it or an error: on a full disk one write may take only a part.
        writeFileSync(written, JSON.stringify(stored));
        fsyncSync(written);
      } finally {
        closeSync(written);
      }
      renameSync(draft, path);
    });
  }

  remove(snapshot_id: string): void {
    rmSync(this.#path(snapshot_id), { force: true });
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder).filter((file) => file.endsWith(ENDING));
    } catch {
      return [];
    }
  }

  #path(snapshot_id: string): string {
    return join(this.#folder, `${snapshot_id}${ENDING}`);
  }
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
