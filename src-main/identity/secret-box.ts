/**
 * Secrets that must be known again, such as those that webhooks are signed with: encrypted, with the key outside of the
 * database.
 *
 * AES-256-GCM with a random nonce of 96 bits and the place of the secret as associated data, so that one cannot be put in
 * the place of another. https://csrc.nist.gov/pubs/sp/800/38/d/final
 */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const VERSION = 'v1';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** A passphrase has its own strength; the salt only keeps it apart from other uses of the same words. */
const SALT = 'archon secret box';

/** What was encrypted cannot be read: with another key, or it was changed. */
export class SecretUnreadableError extends Error {
  override readonly name = 'SecretUnreadableError';
  constructor() {
    super(
      'A secret in the database cannot be read with the key of this installation. Set secret_key (ARCHON_SECRET_KEY) to what it was on the node that wrote it, or bring back its file secret.key; or make a new secret.',
    );
  }
}

export class SecretBox {
  readonly #key: () => Buffer;
  #known: Buffer | undefined;

  /** @param deps.passphrase the same on every node of a database; null for a key of this data folder, made when needed */
  constructor(deps: { data_dir: string; passphrase: string | null }) {
    const { data_dir, passphrase } = deps;
    this.#key = () =>
      passphrase === null ? keyOfFolder(join(data_dir, 'secret.key')) : scryptSync(passphrase, SALT, KEY_BYTES);
  }

  seal(secret: string, place: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#theKey(), nonce).setAAD(Buffer.from(place, 'utf8'));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return `${VERSION}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
  }

  /** @throws SecretUnreadableError */
  open(box: string, place: string): string {
    const [version, body = ''] = box.split('.');
    const bytes = Buffer.from(body, 'base64url');
    if (version !== VERSION || bytes.length < NONCE_BYTES + TAG_BYTES) throw new SecretUnreadableError();
    const decipher = createDecipheriv('aes-256-gcm', this.#theKey(), bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(place, 'utf8'))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      const sealed = bytes.subarray(NONCE_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
    } catch {
      throw new SecretUnreadableError();
    }
  }

  #theKey(): Buffer {
    this.#known ??= this.#key();
    return this.#known;
  }
}

/** The key in a file that only its owner may read; written whole before it has its name. */
function keyOfFolder(path: string): Buffer {
  const found = readKey(path);
  if (found) return found;
  const draft = `${path}.${process.pid}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, `${randomBytes(KEY_BYTES).toString('base64url')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    // Unlike a rename, a link never replaces a key that is there.
    linkSync(draft, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    unlinkSync(draft);
  }
  const made = readKey(path);
  if (made === undefined) throw new Error(`${path} was removed while it was made`);
  return made;
}

function readKey(path: string): Buffer | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const key = Buffer.from(text.trim(), 'base64url');
  if (key.length !== KEY_BYTES) throw new Error(`${path} does not hold a key: bring back the one that was made there`);
  return key;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
