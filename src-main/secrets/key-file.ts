/**
 * `secret.key` in the data folder: the key that secrets are sealed with, first, and those before it that something may
 * still be sealed with. Readable for its owner alone; in the desktop app its content is locked by the keyring as well.
 */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { syncPath } from '../storage/embedded/durable-files.ts';
import type { Keyring } from './keyring.ts';
import { KEY_BYTES, type MasterKey, masterKey } from './master-key.ts';
import { KeyUnavailableError } from './secret-errors.ts';

export const KEY_FILE_NAME = 'secret.key';

/** A key of the file. */
export interface KeptKey extends MasterKey {
  readonly made_at: string;
  /** When another took its place; null for the first. */
  readonly retired_at: string | null;
  /** Ids of places that were looked through since, in which nothing is sealed with it. */
  readonly resealed: readonly string[];
}

/** The keys of a file, the current one first. */
export interface KeptKeys {
  readonly locked: boolean;
  readonly keys: readonly [KeptKey, ...KeptKey[]];
}

const storedKey = z.object({
  key: z.base64url(),
  made_at: z.iso.datetime(),
  retired_at: z.iso.datetime().nullable(),
  resealed: z.array(z.string()),
});
const storedKeys = z.array(storedKey).min(1);
const fileContent = z.union([
  z.object({ version: z.literal(2), keys: storedKeys }),
  z.object({ version: z.literal(2), locked_by: z.literal('keyring'), content: z.base64() }),
]);

export class KeyFile {
  readonly path: string;
  readonly #keyring: Keyring | undefined;
  readonly #onWrongMode: (message: string) => void;

  constructor(data_dir: string, keyring: Keyring | undefined, onWrongMode: (message: string) => void = () => {}) {
    this.path = join(data_dir, KEY_FILE_NAME);
    this.#keyring = keyring;
    this.#onWrongMode = onWrongMode;
  }

  /**
   * The keys, or undefined when there is no file.
   *
   * @throws KeyUnavailableError when there is one and it cannot be used
   */
  read(): KeptKeys | undefined {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8').trim();
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw new KeyUnavailableError(
        `${this.path} cannot be read: give it to the user Archon runs as, with mode 0600.`,
        { cause: error },
      );
    }
    this.#keepPrivate();
    const whole = Buffer.from(text, 'base64url');
    // As it was written before there could be more than one key.
    if (/^[\w-]{43}$/.test(text) && whole.length === KEY_BYTES) {
      return { locked: false, keys: [kept(whole, this.#changedAt())] };
    }
    return this.#parse(text);
  }

  /** Writes the first keys there are. Who comes second gets those that are there by then. */
  create(keys: KeptKeys): KeptKeys {
    const draft = this.#draft(keys);
    try {
      // Unlike a rename, a link never replaces a key that is there.
      linkSync(draft, this.path);
      syncPath(dirname(this.path), 'folder');
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    const found = this.read();
    if (found === undefined) throw new KeyUnavailableError(`${this.path} was removed while it was made; try again.`);
    return found;
  }

  /** Puts keys in the place of those that are there, at once or not at all. The caller holds the data folder. */
  replace(keys: KeptKeys): void {
    const draft = this.#draft(keys);
    renameSync(draft, this.path);
    syncPath(dirname(this.path), 'folder');
  }

  #parse(text: string): KeptKeys {
    const content = fileContent.safeParse(parseJson(text));
    if (!content.success) throw new KeyUnavailableError(noKey(this.path));
    if ('keys' in content.data) return { locked: false, keys: this.#keysOf(content.data.keys) };
    const unlocked = storedKeys.safeParse(parseJson(this.#unlock(content.data.content)));
    if (!unlocked.success) throw new KeyUnavailableError(noKey(this.path));
    return { locked: true, keys: this.#keysOf(unlocked.data) };
  }

  #unlock(content: string): string {
    if (this.#keyring === undefined) throw new KeyUnavailableError(lockedForDesktop(this.path), { is_locked: true });
    try {
      return this.#keyring.unlock(Buffer.from(content, 'base64'));
    } catch (error) {
      throw new KeyUnavailableError(otherKeyring(this.path), { is_locked: true, cause: error });
    }
  }

  #keysOf(stored: z.infer<typeof storedKeys>): KeptKeys['keys'] {
    const [first, ...others] = stored.map(({ key, made_at, retired_at, resealed }) => {
      const bytes = Buffer.from(key, 'base64url');
      if (bytes.length !== KEY_BYTES) throw new KeyUnavailableError(noKey(this.path));
      return { ...masterKey(bytes), made_at, retired_at, resealed };
    });
    if (first === undefined) throw new KeyUnavailableError(noKey(this.path));
    return [first, ...others];
  }

  /** A file that is whole and on the disk, under another name. */
  #draft({ locked, keys }: KeptKeys): string {
    const stored = keys.map(({ bytes, made_at, retired_at, resealed }) => ({
      key: bytes.toString('base64url'),
      made_at,
      retired_at,
      resealed,
    }));
    const content = locked
      ? { version: 2, locked_by: 'keyring', content: this.#lock(JSON.stringify(stored)) }
      : { version: 2, keys: stored };
    const draft = `${this.path}.${process.pid}`;
    // Of a process that had our number and was killed.
    rmSync(draft, { force: true });
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeSync(file, `${JSON.stringify(content)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return draft;
  }

  #lock(text: string): string {
    if (this.#keyring === undefined) throw new KeyUnavailableError(lockedForDesktop(this.path), { is_locked: true });
    return this.#keyring.lock(text).toString('base64');
  }

  /** Others may have read it: that is told, and from now on they cannot. */
  #keepPrivate(): void {
    if (process.platform === 'win32') return;
    const mode = statSync(this.path).mode & 0o777;
    if ((mode & 0o077) === 0) return;
    try {
      chmodSync(this.path, 0o600);
    } catch (error) {
      throw new KeyUnavailableError(
        `${this.path} can be read by others (mode ${mode.toString(8)}) and belongs to somebody else: give it to the user Archon runs as, with mode 0600.`,
        { cause: error },
      );
    }
    this.#onWrongMode(
      `${this.path} could be read by others (mode ${mode.toString(8)}); it is 0600 now. Make a new key if somebody may have: archon secrets rotate.`,
    );
  }

  #changedAt(): string {
    return statSync(this.path).mtime.toISOString();
  }
}

export const kept = (bytes: Buffer, made_at: string): KeptKey => ({
  ...masterKey(bytes),
  made_at,
  retired_at: null,
  resealed: [],
});

const noKey = (path: string) =>
  `${path} does not hold a key: bring back the one that was made there. Without it, move the file away; a new key is made then, and secrets must be entered again.`;
const lockedForDesktop = (path: string) =>
  `${path} is locked by the keyring of the desktop app, which this process cannot reach. Open Archon desktop on this data folder and run \`archon secrets rotate --key-file\` while it runs; or set secret_key (ARCHON_SECRET_KEY) and enter the secrets again.`;
const otherKeyring = (path: string) =>
  `${path} is locked by a keyring that does not unlock it: log in as the user who made it, unlock the keyring, and start Archon again. When that keyring is lost, move the file away; a new key is made then, and secrets must be entered again.`;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
