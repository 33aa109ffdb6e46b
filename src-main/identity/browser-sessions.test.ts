import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestClock } from '../../tests/support/test-clock.ts';
import { sqliteMigrationsFolder } from '../app-files.ts';
import { SqliteFileError } from '../storage/sqlite-faults.ts';
import { openSqliteFile } from '../storage/sqlite-file.ts';
import { whenFree } from '../storage/sqlite-patience.ts';
import { ApiTokens } from './api-tokens.ts';
import { BrowserSessions } from './browser-sessions.ts';
import { LoginCodes } from './login-codes.ts';
import { LOCAL_ORG_ID } from './scope.ts';

let folder: string;
let db: Database;
let other: Database;
let clock: TestClock;
let logged: string[];
let sessions: BrowserSessions;
let cookie: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'archon-sessions-'));
  db = openSqliteFile(join(folder, 'history.db'), sqliteMigrationsFolder);
  other = new BetterSqlite3(join(folder, 'history.db'));
  clock = new TestClock();
  logged = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
  sessions = new BrowserSessions(db, clock, logger);
  const { token_id } = new ApiTokens(db, clock).create({ name: 'mira', org_id: LOCAL_ORG_ID });
  cookie = (await sessions.open(token_id))?.cookie ?? '';
});
afterEach(() => {
  other.close();
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

const session = () => {
  const found = sessions.find(cookie);
  if (found === undefined) throw new Error('the session is gone');
  return found;
};

describe('a history.db that another program keeps locked', () => {
  it('neither fails nor holds up a session that is only used, and the use is written down later', () => {
    const { last_used_at } = session();
    clock.advance({ ms: 61_000 });
    other.exec('BEGIN IMMEDIATE');
    const began_ms = performance.now();
    sessions.touch(session());
    sessions.touch(session());
    expect(performance.now() - began_ms).toBeLessThan(1000);
    expect(session().last_used_at).toBe(last_used_at);
    // One line, however many requests there are.
    expect(logged).toHaveLength(1);
    expect(db.pragma('busy_timeout', { simple: true })).toBe(5000);

    other.exec('COMMIT');
    clock.advance({ ms: 61_000 });
    sessions.touch(session());
    expect(session().last_used_at > last_used_at).toBe(true);
    expect(logged).toHaveLength(1);
  });

  it('is waited for by who logs in or out, while everything else goes on', async () => {
    const { token_id } = new ApiTokens(db, clock).create({ name: 'noor', org_id: LOCAL_ORG_ID });
    const codes = new LoginCodes(db, clock);
    const code = codes.create();
    other.exec('BEGIN IMMEDIATE');
    const waiting = Promise.all([sessions.close(cookie), sessions.open(token_id), codes.redeem(code)]);
    const first = await Promise.race([waiting, new Promise((tick) => setImmediate(() => tick('the event loop')))]);
    expect(first).toBe('the event loop');
    expect(session().scope.actor).toBe('mira');
    expect(await codes.redeem('guessed')).toBeUndefined();
    other.exec('COMMIT');
    const [, opened, redeemed] = await waiting;
    expect(sessions.find(cookie)).toBeUndefined();
    expect(sessions.find(opened?.cookie ?? '')?.scope.actor).toBe('noor');
    expect(redeemed).toBeDefined();
    expect(await codes.redeem(code)).toBeUndefined();
  });

  it('is told as what it is where something has to be written', async () => {
    db.pragma('busy_timeout = 0');
    const codes = new LoginCodes(db, clock);
    other.exec('BEGIN IMMEDIATE');
    expect(() => sessions.removeEnded()).toThrow(SqliteFileError);
    expect(() => codes.create()).toThrow(SqliteFileError);
    await expect(whenFree(db, () => db.exec('DELETE FROM login_codes'), 0)).rejects.toThrow(SqliteFileError);
    other.exec('COMMIT');
  });
});
