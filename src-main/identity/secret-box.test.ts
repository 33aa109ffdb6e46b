import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { SecretBox, SecretUnreadableError } from './secret-box.ts';

let data_dir: string;
beforeEach(() => {
  data_dir = mkdtempSync(join(tmpdir(), 'archon-secrets-'));
});

it('opens what it sealed, also after a restart, with a key that only its owner may read', () => {
  const sealed = new SecretBox({ data_dir, passphrase: null }).seal('whsec_ä', 'webhook 1');
  expect(sealed).not.toContain('whsec');
  expect(new SecretBox({ data_dir, passphrase: null }).open(sealed, 'webhook 1')).toBe('whsec_ä');
  const file = join(data_dir, 'secret.key');
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(sealed).not.toContain(readFileSync(file, 'utf8').trim());
});

it('never seals the same twice alike', () => {
  const box = new SecretBox({ data_dir, passphrase: 'a long enough passphrase' });
  expect(box.seal('same', 'place')).not.toBe(box.seal('same', 'place'));
});

it('refuses another key, another place and a changed box, and says what to do', () => {
  const box = new SecretBox({ data_dir, passphrase: 'a long enough passphrase' });
  const sealed = box.seal('secret', 'webhook 1');
  const other = new SecretBox({ data_dir, passphrase: 'another passphrase' });
  expect(() => other.open(sealed, 'webhook 1')).toThrow(SecretUnreadableError);
  expect(() => box.open(sealed, 'webhook 2')).toThrow(/ARCHON_SECRET_KEY/);
  const at = sealed.length - 10;
  const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
  expect(() => box.open(changed, 'webhook 1')).toThrow(SecretUnreadableError);
  expect(() => box.open('v1.', 'webhook 1')).toThrow(SecretUnreadableError);
});
