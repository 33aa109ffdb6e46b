import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteFileError } from './sqlite-faults.ts';
import { migrateSqlite } from './sqlite-migrations.ts';

const FILE_MODULE = fileURLToPath(new URL('./sqlite-file.ts', import.meta.url));

describe('migrations of a SQLite file', () => {
  let folder: string;
  let db: BetterSqlite3.Database;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archon-migrations-'));
    db = new BetterSqlite3(join(folder, 'test.db'));
    migration('0001_first', 'CREATE TABLE a (n INTEGER) STRICT; INSERT INTO a VALUES (1);');
    migration('0002_second', 'CREATE TABLE b (n INTEGER) STRICT;');
  });
  afterEach(() => {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const migrations = () => join(folder, 'migrations');
  const migration = (name: string, sql: string) => {
    mkdirSync(migrations(), { recursive: true });
    writeFileSync(join(migrations(), `${name}.sql`), sql);
  };
  const version = () => db.pragma('user_version', { simple: true });
  const tables = () =>
    db.prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").pluck().all();

  it('brings a new file to the newest version and then does nothing', () => {
    expect(migrateSqlite(db, migrations())).toEqual({ from: 0, to: 2 });
    expect(tables()).toEqual(['a', 'b']);
    expect(migrateSqlite(db, migrations())).toEqual({ from: 2, to: 2 });
    expect(db.prepare('SELECT count(*) FROM a').pluck().get()).toBe(1);
  });

  it('applies only what is new', () => {
    migrateSqlite(db, migrations());
    migration('0003_third', 'INSERT INTO a VALUES (3);');
    expect(migrateSqlite(db, migrations())).toEqual({ from: 2, to: 3 });
    expect(db.prepare('SELECT n FROM a').pluck().all()).toEqual([1, 3]);
  });

  it('leaves no half of a migration that fails, and keeps those before it', () => {
    migration('0003_broken', 'CREATE TABLE c (n INTEGER) STRICT; INSERT INTO nowhere VALUES (1);');
    expect(() => migrateSqlite(db, migrations())).toThrow(/no such table: nowhere/);
    expect(tables()).toEqual(['a', 'b']);
    expect(version()).toBe(2);
  });

  it('refuses a migration that ends its own transaction', () => {
    migration('0003_commit', 'COMMIT;');
    expect(() => migrateSqlite(db, migrations())).toThrow(/migration 3 \(commit\) must not end its transaction/);
    expect(version()).toBe(2);
  });

  it('refuses a file of a newer app, untouched, and says what to do', () => {
    db.pragma('user_version = 7');
    const migrate = () => migrateSqlite(db, migrations());
    expect(migrate).toThrow(SqliteFileError);
    expect(migrate).toThrow(/test\.db is at version 7, this app knows versions up to 2\. Update the app/);
    expect(tables()).toEqual([]);
    expect(version()).toBe(7);
  });

  it('lets several processes start on a new file at once', { timeout: 60_000 }, async () => {
    const start = `
      const { openSqliteFile } = await import(${JSON.stringify(FILE_MODULE)});
      const db = openSqliteFile(${JSON.stringify(join(folder, 'shared.db'))}, ${JSON.stringify(migrations())});
      console.log(db.prepare('SELECT count(*) FROM a').pluck().get());
      db.close();`;
    const run = promisify(execFile);
    const starts = Array.from({ length: 5 }, () => run(process.execPath, ['--input-type=module', '-e', start]));
    expect((await Promise.all(starts)).map(({ stdout }) => stdout.trim())).toEqual(['1', '1', '1', '1', '1']);
  });
});
