/**
 * Electron's safeStorage. `STANDIN_KEYRING` names a file that is the keyring of the person at this computer: another one
 * unlocks nothing. Without it the system has no keyring, and Chromium's fallback says `basic_text`.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { app } from './app.ts';

/** With the fallback everybody has the same key, as in Chromium ("peanuts"). */
const FALLBACK = 'peanuts';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

function requireReady(): void {
  if (!app.isReady()) throw new Error('safeStorage cannot be used before app is ready');
}

function key(): Buffer {
  const path = process.env.STANDIN_KEYRING;
  if (path !== undefined && !existsSync(path)) writeFileSync(path, randomBytes(32).toString('hex'), { mode: 0o600 });
  return createHash('sha256')
    .update(path === undefined ? FALLBACK : readFileSync(path))
    .digest();
}

export const safeStorage = {
  isEncryptionAvailable: (): boolean => app.isReady(),

  getSelectedStorageBackend: (): string => {
    if (!app.isReady()) return 'unknown';
    return process.env.STANDIN_KEYRING === undefined ? 'basic_text' : 'gnome_libsecret';
  },

  encryptString: (text: string): Buffer => {
    requireReady();
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key(), nonce);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  },

  decryptString: (locked: Buffer): string => {
    requireReady();
    const decipher = createDecipheriv('aes-256-gcm', key(), locked.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    }).setAuthTag(locked.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      return decipher.update(locked.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptString.');
    }
  },
};
