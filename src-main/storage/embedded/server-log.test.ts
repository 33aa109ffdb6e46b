import { beforeEach, describe, expect, it } from 'vitest';
import { ServerLog } from './server-log.ts';

const AT = '2026-11-23 17:54:02.961 UTC [42]';
let lines: string[];
let log: ServerLog;

beforeEach(() => {
  lines = [];
  log = new ServerLog((level, line) => lines.push(`${level} ${line}`));
});

describe('the server log', () => {
  it('comes by level', () => {
    log.add(`${AT} PANIC:  could not write`);
    log.add(`${AT} LOG:  shutting down`);
    log.add(`${AT} LOG:  database system was not properly shut down; automatic recovery in progress`);
    log.add('TopMemoryContext: 84000 total');
    expect(lines).toEqual([
      'error could not write',
      'debug shutting down',
      'info database system was not properly shut down; automatic recovery in progress',
      'debug TopMemoryContext: 84000 total',
    ]);
  });

  it('shows no statement, which may hold what a user wrote', () => {
    log.add(`${AT} PANIC:  could not write`);
    log.add(`${AT} STATEMENT:  insert into notes values ('my`);
    log.add('secret');
    log.add(`');`);
    log.add(`${AT} LOG:  shutting down`);
    expect(lines.join('\n')).not.toMatch(/notes|secret/);
    expect(lines.at(-1)).toBe('debug shutting down');
  });

  it('remembers what was fatal', () => {
    log.add(`${AT} LOG:  redo starts`);
    log.add(`${AT} FATAL:  no space left`);
    expect(log.fatal).toEqual(['FATAL: no space left']);
  });
});
