import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { NO_TLS } from '../connections/connection-settings.ts';
import { parseRedisUrl } from '../connections/redis-url.ts';
import { SecretBox } from '../secrets/secret-box.ts';
import { ProfileStore } from './profile-store.ts';

const LOOKS = { name: 'Production', color: 'red', read_only: true, agents: false } as const;
const SETTINGS = {
  database: {
    host: 'db',
    port: 5432,
    database: 'archon',
    user: 'ana',
    password: 'sailing-on-sundays',
    tls: { mode: 'verify-full', ca_pem: 'ca', cert_pem: 'cert', key_pem: 'the-key-of-the-client' },
    pool_size: 4,
  },
  redis: { ...parseRedisUrl('redis://cache/3'), password: 'another-secret', tls: NO_TLS },
} as const;

describe('the profiles of an installation', () => {
  let data_dir: string;
  beforeEach(() => {
    data_dir = mkdtempSync(join(tmpdir(), 'archon-profiles-'));
  });
  afterEach(() => rmSync(data_dir, { recursive: true }));
  const file = () => join(data_dir, 'profiles.json');
  const open = (passphrase: string | null = null) =>
    new ProfileStore({ data_dir, secrets: new SecretBox({ data_dir, passphrase }), clock: systemClock });
  const remote = (store: ProfileStore) => {
    const found = store.named('production');
    if (found.kind !== 'remote') throw new Error('not remote');
    return found;
  };

  it('begin with this computer, without writing anything', () => {
    const store = open();
    expect(store.list()).toMatchObject([{ kind: 'local', profile_id: 'local', name: 'This computer' }]);
    expect(store.last.profile_id).toBe('local');
    expect(readdirSync(data_dir)).toEqual([]);
  });

  it('are there again after a restart, their secrets too, which nobody reads in the file', () => {
    const made = open().createRemote(LOOKS, SETTINGS);
    const text = readFileSync(file(), 'utf8');
    for (const secret of ['sailing', 'the-key-of', 'another-secret']) expect(text).not.toContain(secret);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const again = open();
    expect(again.get(made.profile_id)).toEqual(made);
    expect(again.connectionOf(remote(again))).toEqual(SETTINGS);
  });

  it('have names of their own, in upper and lower case alike', () => {
    const store = open();
    const { profile_id } = store.createRemote(LOOKS, SETTINGS);
    expect(() => store.createRemote({ ...LOOKS, name: 'PRODUCTION' }, SETTINGS)).toThrow(/name of another/);
    expect(() => store.update('local', { name: 'production' })).toThrow(/name of another/);
    expect(store.update(profile_id, { name: 'Live', color: 'blue' })).toMatchObject({ name: 'Live', color: 'blue' });
    expect(() => store.named('Production')).toThrow(
      'There is no connection profile "Production"; there are "This computer", "Live".',
    );
  });

  it('remember which was open last and what went wrong', () => {
    const store = open();
    const { profile_id } = store.createRemote(LOOKS, SETTINGS);
    store.failed(profile_id, 'The server is away.');
    expect(open().get(profile_id).last_problem?.message).toBe('The server is away.');
    store.opened(profile_id);
    expect(open().last).toMatchObject({ profile_id, last_problem: null });
    store.remove(profile_id);
    expect(open().last.profile_id).toBe('local');
    expect(() => store.remove('local')).toThrow(/cannot be removed/);
  });

  it('put a damaged file aside and say where it is', () => {
    for (const text of [
      '{"version":1,',
      '[]',
      '{"version":1,"last_profile_id":"x","profiles":[{"kind":"remote","profile_id":"1"}]}',
    ]) {
      writeFileSync(file(), text);
      const store = open();
      expect(store.damage).toMatch(/put aside as .*profiles\.json\.damaged-/);
      const aside = readdirSync(data_dir).find((name) => name.includes('damaged')) ?? '';
      expect(readFileSync(join(data_dir, aside), 'utf8')).toBe(text);
      expect(store.list()).toHaveLength(1);
      rmSync(join(data_dir, aside));
    }
  });

  it('keep what a newer version wrote', () => {
    const store = open();
    const { profile_id } = store.createRemote(LOOKS, SETTINGS);
    const json = JSON.parse(readFileSync(file(), 'utf8'));
    json.version = 7;
    json.shelves = ['a'];
    json.profiles[1].shelf = 'b';
    json.profiles.push({ kind: 'cloud', profile_id: 'c', of: 'tomorrow' });
    writeFileSync(file(), JSON.stringify(json));
    const again = open();
    expect(again.damage).toBeUndefined();
    again.opened(profile_id);
    const written = JSON.parse(readFileSync(file(), 'utf8'));
    expect(written).toMatchObject({ version: 7, shelves: ['a'], last_profile_id: profile_id });
    expect(written.profiles).toContainEqual({ kind: 'cloud', profile_id: 'c', of: 'tomorrow' });
    expect(written.profiles[1].shelf).toBe('b');
  });

  it('are encrypted anew with another key; what cannot be read is counted and stays', async () => {
    const store = open();
    store.createRemote(LOOKS, SETTINGS);
    const before = new SecretBox({ data_dir, passphrase: null });
    const next = new SecretBox({ data_dir, passphrase: 'a passphrase of some length' });
    const again = (box: string, place: string) => next.seal(before.open(box, place), place);
    expect(await store.reseal(again)).toEqual({ count: 3, unreadable: 0 });
    const other = open('a passphrase of some length');
    expect(other.connectionOf(remote(other))).toEqual(SETTINGS);
    expect(await other.reseal(again)).toEqual({ count: 3, unreadable: 3 });
    expect(() => open().connectionOf(remote(open()))).toThrow(/cannot be read with the key/);
  });
});
