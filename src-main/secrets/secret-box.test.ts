import { createCipheriv, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Keyring } from './keyring.ts';
import { SecretBox } from './secret-box.ts';
import { KeyUnavailableError, SecretUnreadableError } from './secret-errors.ts';

let data_dir: string;
let file: string;
beforeEach(() => {
  data_dir = mkdtempSync(join(tmpdir(), 'archon-secrets-'));
  file = join(data_dir, 'secret.key');
});
afterEach(() => rmSync(data_dir, { recursive: true, force: true }));

const PLACE = 'webhook 1';
const boxHere = (more: Partial<ConstructorParameters<typeof SecretBox>[0]> = {}) =>
  new SecretBox({ data_dir, passphrase: null, ...more });

/** A keyring that locks for one user: turns the bytes by a number that only that user has. */
const keyringOf = (user: number): Keyring => ({
  strength: () => 'keyring',
  lock: (text) => Buffer.from(`${user}:${turned(Buffer.from(text), user).toString('base64')}`),
  unlock: (locked) => {
    const [owner, content = ''] = locked.toString('utf8').split(':');
    if (owner !== String(user)) throw new Error('Error while decrypting the ciphertext provided to safeStorage');
    return turned(Buffer.from(content, 'base64'), user).toString('utf8');
  },
});
const turned = (bytes: Buffer, by: number): Buffer => Buffer.from(bytes.map((byte) => byte ^ by));
const noKeyring: Keyring = {
  strength: () => 'basic',
  lock: () => {
    throw new Error('nothing should be locked where everybody could unlock it');
  },
  unlock: () => {
    throw new Error('nothing is locked');
  },
};

describe('a secret', () => {
  it('is opened as it was sealed, also after a restart, with a key that only its owner may read', () => {
    const sealed = boxHere().seal('whsec_ä', PLACE);
    expect(sealed).not.toContain('whsec');
    expect(boxHere().open(sealed, PLACE)).toBe('whsec_ä');
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(sealed).not.toContain(JSON.parse(readFileSync(file, 'utf8')).keys[0].key);
  });

  it('comes back whatever it is and wherever it is, and is never sealed twice alike', () => {
    const box = boxHere({ passphrase: 'a long enough passphrase' });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (secret, place) => {
        const sealed = box.seal(secret, place);
        expect(box.open(sealed, place)).toBe(secret);
        expect(box.seal(secret, place)).not.toBe(sealed);
      }),
    );
  });

  it('is not read with another key, in another place, or changed, and it says what to do', () => {
    const box = boxHere({ passphrase: 'a long enough passphrase' });
    const sealed = box.seal('secret', PLACE);
    const other = boxHere({ passphrase: 'another passphrase' });
    expect(() => other.open(sealed, PLACE)).toThrow(SecretUnreadableError);
    expect(() => box.open(sealed, 'webhook 2')).toThrow(/ARCHON_SECRET_KEY/);
    const at = sealed.length - 10;
    const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
    expect(() => box.open(changed, PLACE)).toThrow(SecretUnreadableError);
    fc.assert(
      fc.property(fc.string(), (junk) => {
        for (const text of [junk, `v1.${junk}`, `v2.${junk}`, `${sealed}.${junk}`]) {
          expect(() => box.open(text, PLACE)).toThrow(SecretUnreadableError);
        }
      }),
    );
  });

  it('of an earlier version is still read, with its key file as it was', () => {
    const key = randomBytes(32);
    writeFileSync(file, `${key.toString('base64url')}\n`, { mode: 0o600 });
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(PLACE));
    const body = Buffer.concat([cipher.update('old'), cipher.final()]);
    const v1 = `v1.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`;
    expect(boxHere().open(v1, PLACE)).toBe('old');
    const box = boxHere();
    box.addKey({ locked: false });
    expect(box.open(v1, PLACE)).toBe('old');
    const again = box.sealAgain(v1, PLACE);
    expect(again).toMatch(/^v2\./);
    expect(box.sealAgain(again, PLACE)).toBe(again);
    expect(boxHere().open(again, PLACE)).toBe('old');
  });
});

describe('a key file', () => {
  it('is asked again for a key that another process on the folder made since', () => {
    const worker = boxHere();
    const before = worker.seal('secret', PLACE);
    const server = boxHere();
    server.addKey({ locked: false });
    const after = server.sealAgain(before, PLACE);
    expect(after).not.toBe(before);
    expect(worker.open(after, PLACE)).toBe('secret');
  });

  it.skipIf(process.platform === 'win32')('that others could read is closed to them, and that is told', () => {
    const sealed = boxHere().seal('secret', PLACE);
    chmodSync(file, 0o644);
    const told: string[] = [];
    expect(boxHere({ onWrongMode: (message) => told.push(message) }).open(sealed, PLACE)).toBe('secret');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(told).toEqual([expect.stringContaining('archon secrets rotate')]);
  });

  it.each(['', 'not a key', '{"version":2}', '{"version":2,"keys":[]}', '{"version":2,"keys":[{"key":"AAAA"}]}'])(
    'that holds no key (%j) is told and left as it is',
    (content) => {
      writeFileSync(file, content);
      for (const use of [() => boxHere().seal('secret', PLACE), () => boxHere().addKey({ locked: false })]) {
        expect(use).toThrow(KeyUnavailableError);
      }
      expect(readFileSync(file, 'utf8')).toBe(content);
    },
  );
});

describe('a keyring', () => {
  it('locks the key that is made with it: the file alone tells nothing, and nobody else can use it', () => {
    const box = boxHere({ keyring: keyringOf(7) });
    expect(box.protection()).toBe('keyring');
    const sealed = box.seal('secret', PLACE);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      version: 2,
      locked_by: 'keyring',
      content: expect.any(String),
    });
    expect(boxHere({ keyring: keyringOf(7) }).open(sealed, PLACE)).toBe('secret');
    const before = readFileSync(file);
    for (const [stranger, advice] of [
      [boxHere({ keyring: keyringOf(8) }), /unlock the keyring/],
      [boxHere(), /archon secrets rotate --key-file/],
    ] as const) {
      for (const use of [
        () => stranger.open(sealed, PLACE),
        () => stranger.seal('more', PLACE),
        () => stranger.addKey({ locked: false }),
      ]) {
        expect(use).toThrow(KeyUnavailableError);
        expect(use).toThrow(advice);
      }
    }
    expect(readFileSync(file)).toEqual(before);
  });

  it('leaves the key of a server as it is, until a new one is made; and gives it back to the server', () => {
    const sealed = boxHere().seal('secret', PLACE);
    const app = boxHere({ keyring: keyringOf(7) });
    expect(app.open(sealed, PLACE)).toBe('secret');
    expect(app.protection()).toBe('key_file');
    app.addKey({ locked: true });
    expect(app.protection()).toBe('keyring');
    expect(app.open(sealed, PLACE)).toBe('secret');
    expect(() => boxHere().open(sealed, PLACE)).toThrow(KeyUnavailableError);
    app.addKey({ locked: false });
    expect(app.protection()).toBe('key_file');
    expect(boxHere().open(sealed, PLACE)).toBe('secret');
  });

  it('that is none protects nothing, so the key stays in its file and that is said', () => {
    const box = boxHere({ keyring: noKeyring });
    const sealed = box.seal('secret', PLACE);
    expect(box.protection()).toBe('basic');
    expect(boxHere().open(sealed, PLACE)).toBe('secret');
  });
});

describe('a passphrase', () => {
  it('takes over from the key file, and reads what was sealed with it', () => {
    const sealed = boxHere().seal('secret', PLACE);
    const box = boxHere({ passphrase: 'a long enough passphrase' });
    expect(box.open(sealed, PLACE)).toBe('secret');
    const again = box.sealAgain(sealed, PLACE);
    expect(again).not.toBe(sealed);
    rmSync(file);
    expect(boxHere({ passphrase: 'a long enough passphrase' }).open(again, PLACE)).toBe('secret');
    expect(existsSync(file)).toBe(false);
  });

  it('is changed without a node that cannot read: each knows both until all have the new one', () => {
    const [first, second] = ['the first passphrase', 'the second passphrase'] as const;
    const prepared = boxHere({ passphrase: first, old_passphrase: second });
    const changed = boxHere({ passphrase: second, old_passphrase: first });
    const before = prepared.seal('secret', PLACE);
    const after = changed.sealAgain(before, PLACE);
    expect(prepared.open(after, PLACE)).toBe('secret');
    expect(boxHere({ passphrase: second }).open(after, PLACE)).toBe('secret');
    expect(() => boxHere({ passphrase: second }).open(before, PLACE)).toThrow(/ARCHON_SECRET_KEY_OLD/);
  });
});
