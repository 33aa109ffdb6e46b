import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileLogger, RotatingFile } from './log-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const content = (name: string) => readFileSync(join(folder, 'logs', name), 'utf8');

describe('the log of the desktop app', () => {
  it('begins a new file when one is full and keeps the newest few', () => {
    const file = new RotatingFile(join(folder, 'logs'), { max_bytes: 10, kept: 2 });
    for (const line of ['one\n', 'two\n', 'three\n', 'four\n', 'five\n', 'six\n', 'seven\n']) file.write(line);
    expect(readdirSync(join(folder, 'logs')).sort()).toEqual(['archon.log', 'archon.log.1', 'archon.log.2']);
    expect([content('archon.log.2'), content('archon.log.1'), content('archon.log')]).toEqual([
      'three\n',
      'four\nfive\n',
      'six\nseven\n',
    ]);
  });

  it('goes on in the file of the run before', () => {
    new RotatingFile(join(folder, 'logs'), { max_bytes: 10, kept: 1 }).write('before\n');
    new RotatingFile(join(folder, 'logs'), { max_bytes: 10, kept: 1 }).write('after\n');
    expect([content('archon.log.1'), content('archon.log')]).toEqual(['before\n', 'after\n']);
  });

  it('is for the eyes of this user, and keeps secrets out', () => {
    const logger = createFileLogger(join(folder, 'logs'), 'info');
    logger.info({ token: 'archon_secret', user_id: 'ada' }, 'hello');
    logger.debug('not this');
    expect(content('archon.log')).not.toContain('archon_secret');
    expect(JSON.parse(content('archon.log'))).toMatchObject({ user_id: 'ada', msg: 'hello' });
    if (process.platform !== 'win32') expect(statSync(join(folder, 'logs', 'archon.log')).mode & 0o077).toBe(0);
  });

  it('does not stop the app when it cannot be written', () => {
    writeFileSync(join(folder, 'logs'), 'a file where the folder should be');
    expect(() => createFileLogger(join(folder, 'logs'), 'info').info('lost')).not.toThrow();
  });
});
