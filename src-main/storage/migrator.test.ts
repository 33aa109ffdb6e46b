import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMigrations } from './migrator.ts';

describe('migrations on the disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archon-migrations-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are the same with the line endings of Windows', () => {
    writeFileSync(join(folder, '0001_first.sql'), "CREATE TABLE a ();\nSELECT '\r';\n");
    const unix = readMigrations(folder);
    writeFileSync(join(folder, '0001_first.sql'), "CREATE TABLE a ();\r\nSELECT '\r';\r\n");
    expect(readMigrations(folder)).toEqual(unix);
    writeFileSync(join(folder, '0001_first.sql'), "CREATE TABLE b ();\nSELECT '\r';\n");
    expect(readMigrations(folder)[0]?.sha256).not.toBe(unix[0]?.sha256);
  });

  it('are refused when one is missing', () => {
    writeFileSync(join(folder, '0002_second.sql'), 'SELECT 2');
    expect(() => readMigrations(folder)).toThrow('migration 1 is missing');
  });
});
