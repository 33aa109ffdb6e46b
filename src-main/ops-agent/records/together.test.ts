import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HistoryStore } from '../../storage/history-store.ts';
import { OpsRecords, type RecordChange } from './ops-records.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../migrations/sqlite/', import.meta.url));
const ORG = '00000000-0000-7000-8000-000000000001';
const paused = { by: 'ada', at: '2026-11-30T12:00:00.000Z', reason: null, until: null };

describe('notes written together', () => {
  let folder: string;
  let store: HistoryStore;
  let records: OpsRecords;
  let told: RecordChange[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archon-together-'));
    store = new HistoryStore(join(folder, 'history.db'), MIGRATIONS);
    records = new OpsRecords(store.db, { shared: true });
    told = [];
    records.onChange((change) => told.push(change));
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });

  it('are all there afterwards, and told of then', () => {
    records.together(() => {
      records.put(ORG, 'pause', { id: 'a', at_ms: 1, open: true, document: paused });
      records.put(ORG, 'pause', { id: 'b', at_ms: 2, open: true, document: paused });
      expect(told).toEqual([]);
    });
    expect(told.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(records.list(ORG, 'pause', { limit: 9 }).map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it('are not there, and not told of, when one fails', () => {
    expect(() =>
      records.together(() => {
        records.put(ORG, 'pause', { id: 'a', at_ms: 1, open: true, document: paused });
        throw new Error('no');
      }),
    ).toThrow('no');
    records.put(ORG, 'pause', { id: 'c', at_ms: 3, open: true, document: paused });
    expect(told.map(({ id }) => id)).toEqual(['c']);
    expect(records.get(ORG, 'pause', 'a')).toBeUndefined();
  });
});
