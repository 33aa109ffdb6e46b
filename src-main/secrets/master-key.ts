/** A key that secrets are encrypted with, and what it makes of them. */
import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync } from 'node:crypto';

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ID_BYTES = 6;
/**
 * A passphrase has its own strength; the salt only keeps it apart from other uses of the same words. It never changes:
 * every node of a database must come to the same key.
 */
const SALT = 'archon secret box';

export interface MasterKey {
  /** Made from the key, so that nodes with one passphrase agree on it; tells nothing of the key. */
  readonly id: string;
  readonly bytes: Buffer;
}

export function masterKey(bytes: Buffer): MasterKey {
  if (bytes.length !== KEY_BYTES) throw new Error(`a key has ${KEY_BYTES} bytes`);
  const id = createHash('sha256').update('archon key id\0').update(bytes).digest().subarray(0, ID_BYTES);
  return { id: id.toString('hex'), bytes };
}

export const newMasterKey = (): MasterKey => masterKey(randomBytes(KEY_BYTES));

export const keyOfPassphrase = (passphrase: string): MasterKey => masterKey(scryptSync(passphrase, SALT, KEY_BYTES));

/** What is encrypted, and with which key; null when the box is older than key rings (`v1`). */
export interface ParsedBox {
  key_id: string | null;
  body: Buffer;
}

/** `v1.<body>` or `v2.<key id>.<body>`; undefined for anything else. */
export function parseBox(box: string): ParsedBox | undefined {
  const parts = box.split('.');
  const [version, second = '', third = ''] = parts;
  if (version === 'v1' && parts.length === 2) return parsed(null, second);
  if (version === 'v2' && parts.length === 3) return parsed(second, third);
  return undefined;
}

function parsed(key_id: string | null, text: string): ParsedBox | undefined {
  const body = Buffer.from(text, 'base64url');
  return body.length < NONCE_BYTES + TAG_BYTES ? undefined : { key_id, body };
}

/**
 * AES-256-GCM with a random nonce of 96 bits and the place of the secret as associated data, so that one cannot be put in
 * the place of another. https://csrc.nist.gov/pubs/sp/800/38/d/final
 */
export function sealWith(key: MasterKey, secret: string, place: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce).setAAD(Buffer.from(place, 'utf8'));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return `v2.${key.id}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
}

/** The secret, or undefined with another key, in another place, or when it was changed. */
export function openWith(key: MasterKey, body: Buffer, place: string): string | undefined {
  const nonce = body.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(place, 'utf8'))
    .setAuthTag(body.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const sealed = body.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
