/** Files that are sent in pieces, to be imported when they are complete. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { MAX_CHUNK_BYTES } from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { ArchonError, invalidField, notFound } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import { withSqliteFaults } from '../storage/sqlite-faults.ts';

const DAY_MS = 86_400_000;
/** Days after which an upload that nobody imported is removed. */
export const UPLOAD_RETENTION_DAYS = 7;

interface UploadRow {
  upload_id: string;
  name: string;
  size: number;
}

export interface UploadProgress {
  upload_id: string;
  /** Bytes that are there; the next piece begins here. */
  received: number;
}

export class Uploads {
  readonly #db: Database;
  readonly #folder: string;
  readonly #clock: Clock;
  /** The last piece being written of each upload: pieces of one upload wait for each other. */
  readonly #writing = new Map<string, Promise<unknown>>();

  constructor(deps: { db: Database; folder: string; clock: Clock }) {
    this.#db = deps.db;
    this.#folder = deps.folder;
    this.#clock = deps.clock;
  }

  async begin(scope: Scope, file: { name: string; size: number }): Promise<UploadProgress> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#refuseWithoutSpace(file.size);
    const upload_id = randomUUID();
    const row = [upload_id, scope.org_id, file.name, file.size, isoTime(this.#clock.now())];
    // Before the file: a sweep at the same time removes files without a row.
    this.#run('INSERT INTO uploads (upload_id, org_id, name, size, created_at) VALUES (?, ?, ?, ?, ?)', row);
    try {
      const handle = await open(this.#path(upload_id), 'wx', 0o600);
      await handle.close();
    } catch (error) {
      this.#run('DELETE FROM uploads WHERE upload_id = ?', [upload_id]);
      throw diskFault(error);
    }
    return { upload_id, received: 0 };
  }

  /**
   * Adds a piece. What is there already is not written again, so a piece may be sent twice.
   *
   * @throws ArchonError CONFLICT when a piece is missing before this one; VALIDATION_FAILED beyond the size announced;
   *   STORAGE_FULL
   */
  async receive(scope: Scope, upload_id: string, offset: number, bytes: Uint8Array): Promise<UploadProgress> {
    const upload = this.#find(scope, upload_id);
    if (bytes.length > MAX_CHUNK_BYTES) throw invalidField('chunk', `must have at most ${MAX_CHUNK_BYTES} bytes`);
    if (offset + bytes.length > upload.size) {
      throw invalidField(
        'chunk',
        `ends at byte ${offset + bytes.length}, but the file was announced with ${upload.size}`,
      );
    }
    const before = this.#writing.get(upload_id) ?? Promise.resolve();
    const writing = before.then(() => this.#write(upload_id, offset, bytes));
    const settled = writing.catch(() => undefined);
    this.#writing.set(upload_id, settled);
    try {
      return { upload_id, received: await writing };
    } finally {
      if (this.#writing.get(upload_id) === settled) this.#writing.delete(upload_id);
    }
  }

  /** The file of an upload that is complete. */
  async complete(scope: Scope, upload_id: string): Promise<{ path: string; name: string }> {
    const { name, size } = this.#find(scope, upload_id);
    const received = await this.#received(upload_id);
    if (received < size) {
      throw new ArchonError(
        'CONFLICT',
        `The upload is not complete: ${received} of ${size} bytes are there. Send the rest.`,
      );
    }
    return { path: this.#path(upload_id), name };
  }

  /** Moves the file of an upload that is complete; the upload is no more. */
  async moveTo(scope: Scope, upload_id: string, target: string): Promise<{ name: string }> {
    const { path, name } = await this.complete(scope, upload_id);
    try {
      await rename(path, target);
    } catch (error) {
      throw diskFault(error);
    }
    this.#run('DELETE FROM uploads WHERE upload_id = ?', [upload_id]);
    return { name };
  }

  async remove(upload_id: string): Promise<void> {
    this.#run('DELETE FROM uploads WHERE upload_id = ?', [upload_id]);
    await rm(this.#path(upload_id), { force: true });
  }

  /** Removes uploads that are too old and not in use, and files that belong to none. */
  async sweep(inUse: ReadonlySet<string>): Promise<void> {
    const oldest = isoTime(this.#clock.now() - UPLOAD_RETENTION_DAYS * DAY_MS);
    const removeOld = `DELETE FROM uploads
      WHERE created_at < ? AND upload_id NOT IN (SELECT value FROM json_each(?))`;
    this.#run(removeOld, [oldest, JSON.stringify([...inUse])]);
    // Listed before the rows are read: an upload that begins in between has no file in the list.
    const files = await readdir(this.#folder).catch(() => []);
    const kept = new Set(
      withSqliteFaults(this.#db.name, () =>
        this.#db.prepare<[], string>('SELECT upload_id FROM uploads').pluck().all(),
      ),
    );
    for (const file of files) if (!kept.has(file)) await rm(join(this.#folder, file), { force: true });
  }

  #find(scope: Scope, upload_id: string): UploadRow {
    const row = withSqliteFaults(this.#db.name, () =>
      this.#db
        .prepare<[string, string], UploadRow>(
          'SELECT upload_id, name, size FROM uploads WHERE org_id = ? AND upload_id = ?',
        )
        .get(scope.org_id, upload_id),
    );
    if (row === undefined) throw notFound('upload', upload_id);
    return row;
  }

  #run(sql: string, parameters: readonly unknown[]): void {
    withSqliteFaults(this.#db.name, () => this.#db.prepare(sql).run(...parameters));
  }

  #path(upload_id: string): string {
    return join(this.#folder, upload_id);
  }

  async #received(upload_id: string): Promise<number> {
    const file = await stat(this.#path(upload_id)).catch(() => undefined);
    if (file === undefined) throw notFound('upload', upload_id);
    return file.size;
  }

  async #write(upload_id: string, offset: number, bytes: Uint8Array): Promise<number> {
    const received = await this.#received(upload_id);
    if (offset > received) {
      throw new ArchonError(
        'CONFLICT',
        `The piece begins at byte ${offset}, but the next one expected begins at ${received}.`,
      );
    }
    const fresh = bytes.subarray(received - offset);
    if (fresh.length === 0) return received;
    const handle = await open(this.#path(upload_id), 'r+');
    try {
      await handle.write(fresh, 0, fresh.length, received);
      return (await handle.stat()).size;
    } catch (error) {
      // A piece that was written in part is sent again.
      await handle.truncate(received).catch(() => undefined);
      throw diskFault(error);
    } finally {
      await handle.close();
    }
  }

  async #refuseWithoutSpace(size: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder);
    if (bavail * bsize < size) {
      throw new ArchonError(
        'STORAGE_FULL',
        `The disk that holds ${this.#folder} has no room for ${size} bytes: free some space.`,
      );
    }
  }
}

/** What to tell when the disk refuses. */
export function diskFault(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ArchonError(
      'STORAGE_FULL',
      'The disk that holds the data folder is full: free some space and try again.',
      {
        cause: error,
      },
    );
  }
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return new ArchonError('STORAGE_UNAVAILABLE', 'The data folder cannot be written: check its permissions.', {
      cause: error,
    });
  }
  return error;
}
