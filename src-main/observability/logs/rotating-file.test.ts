import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestClock } from '../../../tests/support/test-clock.ts';
import { RotatingFile, type WriteFailure } from './rotating-file.ts';

let root: string;
let folder: string;
let clock: TestClock;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'archon-log-'));
  folder = join(root, 'logs');
  clock = new TestClock();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const content = (name = 'archon.log') => readFileSync(join(folder, name), 'utf8');
const tell = ({ lost }: WriteFailure) => `lost ${lost}\n`;
const fileOf = (max_bytes = 1000, files = 3) =>
  new RotatingFile({ folder, name: 'archon.log', max_bytes, files }, clock);

describe('a log file', () => {
  it('begins anew when it is full, and keeps the newest few', () => {
    const file = fileOf(10);
    for (const line of ['one\n', 'two\n', 'three\n', 'four\n', 'five\n', 'six\n', 'seven\n']) file.write(line, tell);
    expect(readdirSync(folder).sort()).toEqual(['archon.log', 'archon.log.1', 'archon.log.2']);
    expect([content('archon.log.2'), content('archon.log.1'), content()]).toEqual([
      'three\n',
      'four\nfive\n',
      'six\nseven\n',
    ]);
  });

  it('removes what is more than is kept now', () => {
    const before = fileOf(4, 6);
    for (const line of ['one\n', 'two\n', 'three\n', 'four\n', 'five\n', 'six\n']) before.write(line, tell);
    expect(readdirSync(folder)).toHaveLength(6);
    writeFileSync(join(folder, 'archon.log.note'), 'not ours');
    fileOf(4, 2).write('seven\n', tell);
    expect(readdirSync(folder).sort()).toEqual(['archon.log', 'archon.log.1', 'archon.log.note']);
    expect([content('archon.log.1'), content()]).toEqual(['six\n', 'seven\n']);
    fileOf(4, 1).write('eight\n', tell);
    expect(readdirSync(folder).sort()).toEqual(['archon.log', 'archon.log.note']);
    expect(content()).toBe('eight\n');
  });

  it('goes on in the file of the run before, for the eyes of this user alone', () => {
    fileOf().write('before\n', tell);
    chmodSync(join(folder, 'archon.log'), 0o644);
    fileOf().write('after\n', tell);
    expect(content()).toBe('before\nafter\n');
    if (process.platform !== 'win32') expect(statSync(join(folder, 'archon.log')).mode & 0o077).toBe(0);
  });

  it('does not glue a line to one that was cut off', () => {
    fileOf().write('whole\n', tell);
    writeFileSync(join(folder, 'archon.log'), '{"half', { flag: 'a' });
    fileOf().write('next\n', tell);
    expect(content()).toBe('whole\n{"half\nnext\n');
  });

  it('is made again when somebody removes its folder', () => {
    const file = fileOf();
    file.write('one\n', tell);
    rmSync(folder, { recursive: true });
    expect(file.write('two\n', tell)).toBe(true);
    expect(content()).toBe('two\n');
  });

  it('says once what is missing after it could not be written', () => {
    writeFileSync(folder, 'a file where the folder should be');
    const file = fileOf();
    expect(file.write('one\n', tell)).toBe(false);
    expect(file.write('two\n', tell)).toBe(false);
    const told: WriteFailure[] = [];
    writeFileSync(folder, 'still there');
    clock.advance({ ms: 1000 });
    expect(
      file.write('three\n', (failure) => {
        told.push(failure);
        return '';
      }),
    ).toBe(false);
    // It cannot be written yet: nobody is told that it can.
    expect(told).toEqual([]);
    rmSync(folder);
    clock.advance({ ms: 1000 });
    expect(file.write('four\n', tell)).toBe(true);
    expect(file.write('five\n', tell)).toBe(true);
    expect(content()).toBe('four\nlost 3\nfive\n');
    expect(file.failure).toBeUndefined();
  });

  it.runIf(existsSync('/dev/full'))('goes on when the disk is full', () => {
    const file = fileOf();
    file.write('one\n', tell);
    unlinkSync(join(folder, 'archon.log'));
    symlinkSync('/dev/full', join(folder, 'archon.log'));
    expect(file.write('two\n', tell)).toBe(false);
    expect(file.failure).toMatchObject({ lost: 1, reason: expect.stringContaining('ENOSPC') });
    unlinkSync(join(folder, 'archon.log'));
    clock.advance({ ms: 1000 });
    expect(file.write('three\n', tell)).toBe(true);
    expect(content()).toBe('three\nlost 1\n');
  });
});
