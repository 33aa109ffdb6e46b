import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TestClock } from '../../tests/support/test-clock.ts';
import { createSecrets, type Secrets } from './create-secrets.ts';
import { KeyRotation } from './key-rotation.ts';
import type { SealedStore } from './sealed-store.ts';
import { SecretBox } from './secret-box.ts';
import { SecretUnreadableError } from './secret-errors.ts';

const logger = pino({ level: 'silent' });
const scope = { org_id: '00000000-0000-7000-8000-000000000001', actor: 'test' };

/** A place in memory. `failAfter` secrets it is away, as a database may be. */
class Place implements SealedStore {
  readonly id: string;
  readonly name: string;
  readonly boxes = new Map<string, string>();
  failAfter = Number.POSITIVE_INFINITY;

  constructor(name: string, id = name) {
    this.id = id;
    this.name = name;
  }

  async reseal(again: (sealed: string, place: string) => string) {
    let unreadable = 0;
    let done = 0;
    for (const [place, sealed] of this.boxes) {
      if (done >= this.failAfter) throw new Error('the database is away');
      done += 1;
      try {
        this.boxes.set(place, again(sealed, place));
      } catch (error) {
        if (!(error instanceof SecretUnreadableError)) throw error;
        unreadable += 1;
      }
    }
    return { count: this.boxes.size, unreadable };
  }
}

let data_dir: string;
let clock: TestClock;
let places: Place[];
let elsewhere: string[];
beforeEach(() => {
  data_dir = mkdtempSync(join(tmpdir(), 'archon-rotation-'));
  clock = new TestClock('2026-01-01T00:00:00.000Z');
  places = [new Place('Webhooks'), new Place('Settings')];
  elsewhere = [];
});
afterEach(() => rmSync(data_dir, { recursive: true, force: true }));

/** As a process that has just started. */
const boxNow = (passphrase: string | null = null, old_passphrase: string | null = null) =>
  new SecretBox({ data_dir, passphrase, old_passphrase, clock });
const rotationOf = (box: SecretBox) =>
  new KeyRotation({ box, stores: () => places, elsewhere: () => elsewhere, clock, logger });
const secretsOf = (box: SecretBox): Secrets =>
  createSecrets({ box, stores: () => places, elsewhere: () => elsewhere, clock, logger });
const fill = (box: SecretBox, count = 3) => {
  for (const place of places) {
    for (let n = 0; n < count; n += 1)
      place.boxes.set(`${place.name} ${n}`, box.seal(`secret ${n}`, `${place.name} ${n}`));
  }
};
const allReadable = (box: SecretBox) => {
  for (const place of places) {
    for (const [where, sealed] of place.boxes) expect(box.open(sealed, where)).toBe(`secret ${where.split(' ')[1]}`);
  }
};
const keysInFile = () => JSON.parse(readFileSync(join(data_dir, 'secret.key'), 'utf8')).keys.length;

it('seals everything again and drops the old key only once nothing late can come', async () => {
  const box = boxNow();
  fill(box);
  const before = places.map(({ boxes }) => [...boxes.values()]);
  const rotation = rotationOf(box);
  await rotation.rotate({ locked: false });
  expect(places.map(({ boxes }) => [...boxes.values()])).not.toEqual(before);
  allReadable(box);
  expect(keysInFile()).toBe(2);
  clock.advance({ minutes: 9 });
  await rotation.finish();
  expect(keysInFile()).toBe(2);
  // A call that was under way writes what it had sealed before.
  places[0]?.boxes.set('Webhooks 0', before[0]?.[0] ?? '');
  clock.advance({ minutes: 2 });
  await rotation.finish();
  expect(keysInFile()).toBe(1);
  allReadable(boxNow());
  rotation.stop();
});

it('goes on at the next start, from wherever it was interrupted, with every secret readable throughout', async () => {
  for (const failAfter of [0, 1, 2]) {
    const box = boxNow();
    fill(box);
    for (const place of places) place.failAfter = failAfter;
    const rotation = rotationOf(box);
    await rotation.rotate({ locked: false });
    // Killed here: nothing of the process is left but its files.
    rotation.stop();
    const next = boxNow();
    allReadable(next);
    for (const place of places) place.failAfter = Number.POSITIVE_INFINITY;
    clock.advance({ minutes: 11 });
    const again = rotationOf(next);
    await again.finish();
    again.stop();
    expect(keysInFile()).toBe(1);
    allReadable(boxNow());
  }
});

it('keeps the old key for places that cannot be looked through, such as connections that are not open', async () => {
  const box = boxNow();
  fill(box);
  elsewhere = ['Webhooks of Office'];
  const rotation = rotationOf(box);
  await rotation.rotate({ locked: false });
  clock.advance({ minutes: 11 });
  await rotation.finish();
  expect(keysInFile()).toBe(2);
  // It is opened: its place is looked through, then closed again.
  places.push(new Place('Webhooks of Office'));
  elsewhere = [];
  await rotation.finish();
  expect(keysInFile()).toBe(1);
  rotation.stop();
});

it('keeps it also when a place has the name of one that was looked through', async () => {
  const box = boxNow();
  places = [new Place('Webhooks (Office)', 'webhooks of 1')];
  const late = new Place('Webhooks (Office)', 'webhooks of 2');
  fill(box);
  late.boxes.set('late', box.seal('secret late', 'late'));
  elsewhere = ['webhooks of 2'];
  const rotation = rotationOf(box);
  await rotation.rotate({ locked: false });
  clock.advance({ minutes: 11 });
  await rotation.finish();
  // The first was renamed or removed since, and the other is called what it was.
  places = [];
  await rotation.finish();
  expect(boxNow().open(late.boxes.get('late') ?? '', 'late')).toBe('secret late');
  expect(keysInFile()).toBe(2);
  rotation.stop();
});

it('makes no key while no database is open', async () => {
  const box = boxNow();
  fill(box);
  const away = () => {
    throw new Error('the connection is being opened');
  };
  const rotation = new KeyRotation({ box, stores: away, elsewhere: () => [], clock, logger });
  await expect(rotation.rotate({ locked: false })).rejects.toThrow('being opened');
  expect(keysInFile()).toBe(1);
});

it('goes on by itself with what was away, for passphrases too', async () => {
  vi.useFakeTimers();
  try {
    const first = boxNow('the first passphrase');
    fill(first);
    for (const place of places) place.failAfter = 0;
    const rotation = rotationOf(boxNow('the second passphrase', 'the first passphrase'));
    await rotation.finish();
    for (const place of places) place.failAfter = Number.POSITIVE_INFINITY;
    await vi.advanceTimersByTimeAsync(15 * 60_000);
    allReadable(boxNow('the second passphrase'));
    rotation.stop();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

it('moves what several keys sealed after several changes to the last one', async () => {
  const box = boxNow();
  fill(box);
  for (const place of places) place.failAfter = 0;
  const rotation = rotationOf(box);
  await rotation.rotate({ locked: false });
  places[1]?.boxes.set('Settings 9', box.seal('secret 9', 'Settings 9'));
  await rotation.rotate({ locked: false });
  expect(keysInFile()).toBe(3);
  allReadable(boxNow());
  for (const place of places) place.failAfter = Number.POSITIVE_INFINITY;
  clock.advance({ minutes: 11 });
  await rotation.finish();
  expect(keysInFile()).toBe(1);
  allReadable(boxNow());
  rotation.stop();
});

it('moves what was sealed with the passphrase before, and refuses without it', async () => {
  const first = boxNow('the first passphrase');
  fill(first);
  const second = boxNow('the second passphrase', 'the first passphrase');
  expect(await secretsOf(second).rotate(scope, { key_file: false })).toMatchObject({
    protection: 'passphrase',
    kept: [{ where: 'Webhooks', count: 3, unreadable: 0 }, { where: 'Settings' }],
  });
  allReadable(boxNow('the second passphrase'));
  const alone = secretsOf(boxNow('the second passphrase'));
  await expect(alone.rotate(scope, { key_file: false })).rejects.toThrow(/ARCHON_SECRET_KEY_OLD/);
  expect((await alone.status(scope)).rotate_refused).toContain('ARCHON_SECRET_KEY_OLD');
});

it('tells how many there are, which cannot be read, and which place could not be asked', async () => {
  const box = boxNow();
  fill(box);
  places[0]?.boxes.set(
    'Webhooks lost',
    new SecretBox({ data_dir, passphrase: 'some other passphrase' }).seal('x', 'y'),
  );
  const settings = places[1];
  if (settings) settings.failAfter = 1;
  const status = await secretsOf(box).status(scope);
  expect(status).toMatchObject({
    protection: 'key_file',
    problem: null,
    key_made_at: '2026-01-01T00:00:00.000Z',
    older_keys: 0,
    rotate_refused: null,
    kept: [
      { where: 'Webhooks', count: 4, unreadable: 1, problem: null },
      { where: 'Settings', problem: 'the database is away' },
    ],
  });
  const rotated = await secretsOf(box).rotate(scope, { key_file: false });
  expect(rotated).toMatchObject({ older_keys: 1 });
});
