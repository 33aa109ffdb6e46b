import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultConfig } from '../../settings/config-schema.ts';
import { createLogs, logsFolder, secretsOf } from './create-logs.ts';

/** No process has such an id: the largest of Linux is 2^22. */
const NOBODY = 90_000_000;

let data_dir: string;
beforeEach(() => {
  data_dir = mkdtempSync(join(tmpdir(), 'archon-create-logs-'));
});
afterEach(() => rmSync(data_dir, { recursive: true, force: true }));

describe('the log of a worker', () => {
  it('takes away those of workers that ended, but the newest five and what is not theirs', () => {
    const folder = logsFolder(data_dir);
    mkdirSync(folder);
    const write = (name: string, seconds: number) => {
      writeFileSync(join(folder, name), '');
      utimesSync(join(folder, name), seconds, seconds);
    };
    for (let number = 0; number < 8; number += 1) write(`worker-${NOBODY + number}.log`, 1000 + number);
    // The oldest by its first file, one of the newest by what it wrote last.
    write(`worker-${NOBODY}.log.1`, 2000);
    write(`worker-${process.ppid}.log`, 1);
    write('worker-notes.log', 1);
    createLogs(defaultConfig(data_dir), { owner: 'worker' }).logger.info('at work');
    expect(readdirSync(folder).sort()).toEqual(
      [
        ...[0, 4, 5, 6, 7].map((number) => `worker-${NOBODY + number}.log`),
        `worker-${NOBODY}.log.1`,
        `worker-${process.ppid}.log`,
        `worker-${process.pid}.log`,
        'worker-notes.log',
      ].sort(),
    );
  });

  it('begins also where the folder cannot be looked into', () => {
    writeFileSync(logsFolder(data_dir), 'no folder');
    const printed: string[] = [];
    const { logger } = createLogs(defaultConfig(data_dir), { owner: 'worker', print: (line) => printed.push(line) });
    logger.info('at work');
    expect(printed.join('')).toContain('at work');
  });
});

describe('secrets of a configuration', () => {
  it('are values that are secret, and the passwords of addresses as they are and as they are typed', () => {
    const config = {
      ...defaultConfig(data_dir),
      secret_key: 'a-passphrase',
      'database.url': 'postgres://ada:p%40ss%20word@db/archon',
      'redis.url': 'redis://:100%25%zz@cache/0',
    };
    expect(secretsOf(config)).toEqual(
      expect.arrayContaining(['a-passphrase', 'p%40ss%20word', 'p@ss word', '100%25%zz']),
    );
    expect(secretsOf(config)).not.toContain('postgres://ada:p%40ss%20word@db/archon');
  });
});
