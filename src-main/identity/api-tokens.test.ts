import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { SqliteFileError } from '../storage/sqlite-faults.ts';
import { ApiTokens } from './api-tokens.ts';
import { LOCAL_ORG_ID } from './scope.ts';

const MIGRATION = readFileSync(new URL('../../migrations/sqlite/0001_foundation.sql', import.meta.url), 'utf8');
const OTHER_ORG = '00000000-0000-7000-8000-0000000000ff';
const clock = { now: () => Date.parse('2026-01-02T03:04:05.678Z') };

let db: BetterSqlite3.Database;
let tokens: ApiTokens;
beforeEach(() => {
  db = new BetterSqlite3(':memory:');
  db.exec(MIGRATION);
  tokens = new ApiTokens(db, clock);
});

describe('API tokens', () => {
  it('makes the first token of a data folder once', () => {
    const first = tokens.ensureFirst(LOCAL_ORG_ID);
    expect(first?.token).toMatch(/^archon_[A-Za-z0-9_-]{43}$/);
    expect(tokens.ensureFirst(LOCAL_ORG_ID)).toBeUndefined();
    expect(tokens.list()).toHaveLength(1);
  });

  it('does not make another first token when the only one is revoked', () => {
    const first = tokens.ensureFirst(LOCAL_ORG_ID);
    tokens.revoke(first?.token_id ?? '');
    expect(tokens.ensureFirst(LOCAL_ORG_ID)).toBeUndefined();
  });

  it('lets a token in for its own organisation, under its name', () => {
    const { token } = tokens.create({ name: 'agent', org_id: OTHER_ORG });
    tokens.create({ name: 'another', org_id: LOCAL_ORG_ID });
    expect(tokens.authenticate(token)).toEqual({ org_id: OTHER_ORG, actor: 'agent' });
  });

  it.each(['', 'archon_', 'x', 'archon_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', '\u0000', 'ö'])(
    'refuses the unknown token %j',
    (token) => {
      tokens.create({ name: 'agent', org_id: LOCAL_ORG_ID });
      expect(tokens.authenticate(token)).toBeUndefined();
    },
  );

  it('refuses a token that differs in one character', () => {
    const { token } = tokens.create({ name: 'agent', org_id: LOCAL_ORG_ID });
    const last = token.at(-1) === 'A' ? 'E' : 'A';
    expect(tokens.authenticate(token.slice(0, -1) + last)).toBeUndefined();
    expect(tokens.authenticate(`${token} `)).toBeUndefined();
  });

  it('refuses a revoked token at once and says whether there was one to revoke', () => {
    const { token, token_id } = tokens.create({ name: 'agent', org_id: LOCAL_ORG_ID });
    expect(tokens.authenticate(token)).toBeDefined();
    expect(tokens.revoke(token_id)).toBe(true);
    expect(tokens.authenticate(token)).toBeUndefined();
    expect(tokens.revoke(token_id)).toBe(false);
    expect(tokens.list()[0]?.revoked_at).toBe('2026-01-02T03:04:05.678Z');
  });

  it('keeps no token in the database, only its SHA-256', () => {
    const { token } = tokens.create({ name: 'agent', org_id: LOCAL_ORG_ID });
    const rows = JSON.stringify(db.prepare('SELECT * FROM api_tokens').all());
    expect(rows).not.toContain(token);
    expect(rows).not.toContain(token.slice(7));
  });

  it('lets the command line in during a run, without a trace in the database', () => {
    const run = tokens.createForThisRun({ org_id: LOCAL_ORG_ID, actor: 'cli' });
    expect(tokens.authenticate(run.token)).toEqual({ org_id: LOCAL_ORG_ID, actor: 'cli' });
    expect(tokens.list()).toEqual([]);
    run.revoke();
    expect(tokens.authenticate(run.token)).toBeUndefined();
  });

  it('names the organisations that tokens were made for, revoked ones too', () => {
    tokens.create({ name: 'a', org_id: LOCAL_ORG_ID });
    tokens.create({ name: 'b', org_id: LOCAL_ORG_ID });
    tokens.revoke(tokens.create({ name: 'c', org_id: OTHER_ORG }).token_id);
    expect(tokens.organisations().sort()).toEqual([LOCAL_ORG_ID, OTHER_ORG]);
  });
});

describe('API tokens in a file that cannot be used', () => {
  let file: string;
  let stored: BetterSqlite3.Database;
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'archon-tokens-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    file = join(folder, 'history.db');
    stored = new BetterSqlite3(file);
    onTestFinished(() => void stored.close());
    stored.exec(MIGRATION);
    tokens = new ApiTokens(stored, clock);
  });

  const faultOf = (work: () => unknown): SqliteFileError => {
    try {
      work();
    } catch (error) {
      if (error instanceof SqliteFileError) return error;
      throw error;
    }
    throw new Error('nothing was refused');
  };

  it('say that the disk is full, and which file could not grow', () => {
    stored.pragma(`max_page_count = ${stored.pragma('page_count', { simple: true })}`);
    const name = 'x'.repeat(100_000);
    expect(faultOf(() => tokens.create({ name, org_id: LOCAL_ORG_ID }))).toMatchObject({ code: 'STORAGE_FULL', file });
  });

  it('say that the file is read-only or damaged, whatever they are asked', () => {
    const { token_id, token } = tokens.create({ name: 'agent', org_id: LOCAL_ORG_ID });
    stored.pragma('query_only = ON');
    expect(faultOf(() => tokens.revoke(token_id))).toMatchObject({ code: 'STORAGE_UNAVAILABLE', kind: 'read_only' });
    stored.close();
    // Its header promises pages that are gone.
    truncateSync(file, 4096);
    stored = new BetterSqlite3(file);
    tokens = new ApiTokens(stored, clock);
    for (const ask of [
      () => tokens.authenticate(token),
      () => tokens.list(),
      () => tokens.organisations(),
      () => tokens.ensureFirst(LOCAL_ORG_ID),
    ]) {
      expect(faultOf(ask)).toMatchObject({ code: 'STORAGE_UNAVAILABLE', kind: 'damaged' });
    }
  });
});
