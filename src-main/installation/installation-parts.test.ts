import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestClock } from '../../tests/support/test-clock.ts';
import { NO_TLS } from '../connections/connection-settings.ts';
import { OWN_DATABASE, placeId } from '../secrets/sealed-store.ts';
import { SecretBox } from '../secrets/secret-box.ts';
import { defaultConfig } from '../settings/config-schema.ts';
import { closedPlaces, placeOfConfigured, placeOfProfile } from './installation-parts.ts';
import type { StoredProfile } from './profile-file.ts';
import { ProfileStore } from './profile-store.ts';

let data_dir: string;
let store: ProfileStore;
beforeEach(() => {
  data_dir = mkdtempSync(join(tmpdir(), 'archon-parts-'));
  store = open();
});
afterEach(() => rmSync(data_dir, { recursive: true, force: true }));

const open = () =>
  new ProfileStore({ data_dir, secrets: new SecretBox({ data_dir, passphrase: null }), clock: new TestClock() });
const looks = (name: string) => ({ name, color: 'blue', read_only: false, agents: true }) as const;
const settings = (host: string) => ({
  database: { host, port: 5432, database: 'archon', user: 'ana', password: 'secret', tls: NO_TLS, pool_size: 2 },
  redis: null,
});
/** Ids of places for whose sake keys are kept while a profile is open. */
const closed = (active: StoredProfile | undefined) => closedPlaces({ profiles: () => store, active: () => active });
const local = placeId('webhooks', OWN_DATABASE);

it('keeps keys for every database that is not open', () => {
  const office = store.createRemote(looks('Office'), settings('db'));
  const ofOffice = placeId('settings', placeOfProfile(office));
  expect(closed(office)).toEqual([local, placeId('settings', OWN_DATABASE)]);
  expect(closed(store.get('local'))).toContain(ofOffice);
  expect(closed(undefined)).toEqual(expect.arrayContaining([local, ofOffice]));
});

it('knows a database by another name, and does not take another for it that has its name', () => {
  const office = store.createRemote(looks('Office'), settings('db'));
  const before = placeOfProfile(office).id;
  const renamed = store.update(office.profile_id, { name: 'Old office' });
  expect(placeOfProfile(renamed).id).toBe(before);
  const other = store.createRemote(looks('Office'), settings('db'));
  expect(placeOfProfile(other).id).not.toBe(before);
  const moved = store.update(office.profile_id, {}, settings('elsewhere'));
  expect(placeOfProfile(moved).id).not.toBe(before);
});

it('tells the database that the configuration sets from that of this computer', () => {
  const place = placeOfConfigured({ ...defaultConfig(data_dir), 'database.url': 'postgres://u:p4ssword@db/archon' });
  expect(closed(undefined)).not.toContain(placeId('webhooks', place));
  expect(place.id).not.toContain('p4ssword');
  expect(place.name()).toBeNull();
});

it('keeps keys for profiles that only a newer version knows', () => {
  store.createRemote(looks('Office'), settings('db'));
  const path = join(data_dir, 'profiles.json');
  const file = JSON.parse(readFileSync(path, 'utf8'));
  file.profiles.push({ kind: 'cluster', profile_id: 'x', sealed: 'v2.x.y' });
  const before = closed(undefined).length;
  writeFileSync(path, JSON.stringify(file));
  store = open();
  expect(closed(undefined)).toHaveLength(before + 1);
});
