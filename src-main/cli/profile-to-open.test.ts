import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestClock } from '../../tests/support/test-clock.ts';
import { NO_TLS } from '../connections/connection-settings.ts';
import { ProfileStore } from '../installation/profile-store.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { SecretBox } from '../secrets/secret-box.ts';
import { KeyUnavailableError } from '../secrets/secret-errors.ts';
import { defaultConfig } from '../settings/config-schema.ts';
import { connectionToCheck, profileToOpen } from './profile-to-open.ts';

/** As that of the desktop app, which a command does not have. */
const keyring: Keyring = {
  strength: () => 'keyring',
  lock: (text) => Buffer.from(text, 'utf8'),
  unlock: (locked) => locked.toString('utf8'),
};

let data_dir: string;
let store: ProfileStore;
beforeEach(() => {
  data_dir = mkdtempSync(join(tmpdir(), 'archon-open-'));
  const secrets = new SecretBox({ data_dir, passphrase: null, keyring });
  store = new ProfileStore({ data_dir, secrets, clock: new TestClock() });
});
afterEach(() => rmSync(data_dir, { recursive: true, force: true }));

const looks = { name: 'Office', color: 'blue', read_only: false, agents: true } as const;

it('a command whose connection has a password that the desktop app locked says so; the doctor looks at the rest', () => {
  const database = {
    host: 'db',
    port: 5432,
    database: 'a',
    user: 'ana',
    password: 'secret',
    tls: NO_TLS,
    pool_size: 2,
  };
  const { profile_id } = store.createRemote(looks, { database, redis: null });
  store.choose(profile_id);
  const config = defaultConfig(data_dir);
  expect(() => profileToOpen(config, undefined)).toThrow(KeyUnavailableError);
  expect(connectionToCheck(config, undefined)).toEqual({
    config,
    connection_problem: expect.stringContaining('archon secrets rotate --key-file'),
  });
  // What needs no secret works.
  expect(profileToOpen(config, 'local').profile?.kind).toBe('local');
});

it('a copy is looked at where it is, beside the data folder', () => {
  const copy = {
    profile_id: '01976f00-0000-7000-8000-000000000001',
    source: 'Office',
    taken_at: '2026-01-01T00:00:00.000Z',
  };
  store.createCopy({ ...looks, read_only: true }, copy);
  expect(connectionToCheck(defaultConfig(data_dir), 'Office')).toMatchObject({
    config: { data_dir },
    copy_dir: store.folderOf(copy.profile_id),
  });
});
