import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sqliteMigrationsFolder } from '../../app-files.ts';
import { LOCAL_ORG_ID } from '../../identity/scope.ts';
import { HistoryStore } from '../../storage/history-store.ts';
import { ChannelSecrets } from '../notifications/channel-secrets.ts';
import { notesPlace } from './notes-place.ts';
import { OpsRecords } from './ops-records.ts';
import { ROUNDS_KEPT_MS, RoundLog } from './round-log.ts';

const HOME = notesPlace(null);
const OFFICE = notesPlace('postgres://ada:secret@db.example.com/archon?sslmode=require');

describe('notes of several databases on one computer', () => {
  let folder: string;
  let store: HistoryStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archon-places-'));
    store = new HistoryStore(join(folder, 'history.db'), sqliteMigrationsFolder);
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });

  const recordsOf = (place: string) => new OpsRecords(store.db, { place, shared: place !== '' });
  const pause = (records: OpsRecords, reason: string) =>
    records.put(LOCAL_ORG_ID, 'pause', {
      id: 'pause',
      at_ms: 1,
      open: true,
      document: { by: 'ada', at: '2026-11-30T12:00:00.000Z', reason, until: null },
    });

  it('tells databases apart by their place, whoever logs in', () => {
    expect([HOME, OFFICE]).toEqual(['', 'postgres://db.example.com:5432/archon']);
    expect(notesPlace('postgres://bo@db.example.com:5432/archon')).toBe(OFFICE);
  });

  it('are apart: what waits for one is not brought to another', () => {
    const [home, office] = [recordsOf(HOME), recordsOf(OFFICE)];
    pause(home, 'at home');
    expect(office.get(LOCAL_ORG_ID, 'pause', 'pause')).toBeUndefined();
    pause(office, 'in the office');
    const other = recordsOf(notesPlace('postgres://elsewhere/archon'));
    expect([other.unsaved(LOCAL_ORG_ID, 9), other.list(LOCAL_ORG_ID, 'pause', { limit: 9 })]).toEqual([[], []]);
    expect(office.unsaved(LOCAL_ORG_ID, 9)).toHaveLength(1);
    office.remove(LOCAL_ORG_ID, 'pause', 'pause');
    expect(home.get(LOCAL_ORG_ID, 'pause', 'pause')?.reason).toBe('at home');
    expect(other.elsewhere().map((one) => one.unsavedCount(LOCAL_ORG_ID))).toEqual([0, 1]);
  });

  it('are all sealed anew when the key changes', async () => {
    for (const place of [HOME, OFFICE]) {
      recordsOf(place).put(LOCAL_ORG_ID, 'channel', {
        id: 'slack',
        at_ms: 1,
        open: false,
        document: { draft: {}, sealed: { url: 'old' }, by: 'ada', at: '2026-11-30T12:00:00.000Z' },
      });
    }
    const secrets = new ChannelSecrets({ records: recordsOf(HOME), organisations: () => [LOCAL_ORG_ID] });
    expect(await secrets.reseal(() => 'new')).toEqual({ count: 2, unreadable: 0 });
    const sealed = [HOME, OFFICE].map((place) => recordsOf(place).get(LOCAL_ORG_ID, 'channel', 'slack')?.sealed);
    expect(sealed).toEqual([{ url: 'new' }, { url: 'new' }]);
  });

  it('are no reports of another, and rounds of one that is not open any more go too', () => {
    const day_ms = 86_400_000;
    const [home, office] = [new RoundLog(store.db, HOME), new RoundLog(store.db, OFFICE)];
    const all = { from_ms: -1, to_ms: Number.MAX_SAFE_INTEGER, limit: 9 };
    office.add(LOCAL_ORG_ID, { at_ms: day_ms, covered_ms: 0, observations: [], failed: [] });
    expect([home.read(LOCAL_ORG_ID, all), home.newest_ms(LOCAL_ORG_ID)]).toEqual([[], undefined]);
    home.tidy(LOCAL_ORG_ID, ROUNDS_KEPT_MS + 2 * day_ms);
    expect(office.read(LOCAL_ORG_ID, all)).toEqual([]);
  });
});
