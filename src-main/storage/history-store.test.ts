import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HistoryStore } from './history-store.ts';
import { SqliteFileError } from './sqlite-faults.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations/sqlite/', import.meta.url));
const NOBODY = 65_534;

/** The SqliteFileError that the work throws. */
function faultOf(work: () => unknown): SqliteFileError {
  try {
    work();
  } catch (error) {
    if (error instanceof SqliteFileError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the history store', () => {
  let folder: string;
  let file: string;
  let store: HistoryStore | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archon-history-'));
    file = join(folder, 'history.db');
  });
  afterEach(() => {
    store?.close();
    store = undefined;
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true, force: true });
  });
  const open = (): HistoryStore => {
    store = new HistoryStore(file, MIGRATIONS, { now: () => Date.parse('2026-01-02T03:04:05.678Z') });
    return store;
  };

  it('keeps settings over a restart', () => {
    const before = open();
    expect(before.getSetting('theme')).toBeUndefined();
    before.setSetting('theme', 'dark');
    before.setSetting('theme', 'light');
    before.setSetting('odd', '{"a":"ü\\n"}');
    before.close();
    const after = open();
    expect(after.getSetting('theme')).toBe('light');
    expect(after.getSetting('odd')).toBe('{"a":"ü\\n"}');
    expect(after.db.prepare('SELECT updated_at FROM settings').pluck().get()).toBe('2026-01-02T03:04:05.678Z');
  });

  it('syncs every commit and checks foreign keys', () => {
    const { db } = open();
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(db.pragma('busy_timeout', { simple: true })).toBe(5000);
  });

  it.skipIf(process.platform === 'win32')('can be read by its owner only', () => {
    open().setSetting('a', 'b');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(`${file}-wal`).mode & 0o777).toBe(0o600);
  });

  it('says that the disk is full', () => {
    const { db } = open();
    const pages = Number(db.pragma('page_count', { simple: true }));
    db.pragma(`max_page_count = ${pages}`);
    const fault = faultOf(() => store?.setSetting('big', 'x'.repeat(100_000)));
    expect(fault).toMatchObject({ kind: 'full', code: 'STORAGE_FULL', file });
    expect(fault.message).toContain(`${file}: the disk is full. Free some space`);
    db.pragma('max_page_count = 1000000');
    store?.setSetting('big', 'x'.repeat(100_000));
    expect(store?.getSetting('big')).toHaveLength(100_000);
  });

  it('says that the file became read-only under it', () => {
    open().db.pragma('query_only = ON');
    const fault = faultOf(() => store?.setSetting('a', 'b'));
    expect(fault).toMatchObject({ kind: 'read_only', code: 'STORAGE_UNAVAILABLE' });
    expect(fault.message).toMatch(/history\.db: it cannot be written.*or choose another data folder/);
  });

  it.skipIf(process.platform === 'win32').each(['a new file', 'a file that is there'])(
    'says that the data folder is read-only, with %s',
    (which) => {
      if (which === 'a file that is there') {
        open().close();
        chmodSync(file, 0o444);
      }
      chmodSync(folder, 0o555);
      expect(asOrdinaryUser(() => faultOf(open))).toMatchObject({ kind: 'read_only', file });
    },
  );

  it('says that the folder is missing or is a file', () => {
    file = join(folder, 'missing', 'history.db');
    expect(faultOf(open)).toMatchObject({ kind: 'cannot_open' });
    writeFileSync(join(folder, 'file'), '');
    file = join(folder, 'file', 'history.db');
    expect(faultOf(open)).toMatchObject({ kind: 'cannot_open' });
    file = folder;
    expect(faultOf(open).message).toContain(`${folder}: it cannot be opened. Check that the folder exists`);
  });

  it('says that a file is damaged, and leaves it for a rescue', () => {
    writeFileSync(file, 'no database at all '.repeat(500));
    const size = statSync(file).size;
    const fault = faultOf(open);
    expect(fault).toMatchObject({ kind: 'damaged' });
    expect(fault.message).toMatch(
      /history\.db: it is damaged or no SQLite database.*load a backup with "archon restore FILE"/,
    );
    expect(statSync(file).size).toBe(size);
  });

  it('refuses a file of a newer app', () => {
    open().db.pragma('user_version = 99');
    store?.close();
    expect(faultOf(open)).toMatchObject({ kind: 'too_new' });
  });
});

/** Root may write anywhere: tests as root act as `nobody` meanwhile. */
function asOrdinaryUser<T>(work: () => T): T {
  if (process.getuid?.() !== 0 || !process.seteuid) return work();
  process.seteuid(NOBODY);
  try {
    return work();
  } finally {
    process.seteuid(0);
  }
}
