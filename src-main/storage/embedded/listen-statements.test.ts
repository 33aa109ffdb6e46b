import { describe, expect, it } from 'vitest';
import { listenSql, readListenStatement, unlistenSql } from './listen-statements.ts';

describe('the channel of a LISTEN', () => {
  it.each([
    ['listen jobs', { kind: 'listen', channel: 'jobs' }],
    ['LISTEN Jobs', { kind: 'listen', channel: 'jobs' }],
    ['listen "Jobs ""now"""', { kind: 'listen', channel: 'Jobs "now"' }],
    ['listen /* all */ a$1', { kind: 'listen', channel: 'a$1' }],
    ['unlisten jobs', { kind: 'unlisten', channel: 'jobs' }],
    ['unlisten *', { kind: 'unlisten_all' }],
    ['listen', null],
    ['listen 1', null],
    ['listening', null],
    ['select 1', null],
  ])('%s', (statement, expected) => {
    expect(readListenStatement(statement)).toEqual(expected);
  });

  it('is cut like any identifier, at a whole character', () => {
    expect(readListenStatement(`listen "${'é'.repeat(40)}"`)).toEqual({ kind: 'listen', channel: 'é'.repeat(31) });
  });

  it('is quoted when said again', () => {
    expect(listenSql('Jobs "now"')).toBe('LISTEN "Jobs ""now"""');
    expect(unlistenSql('a')).toBe('UNLISTEN "a"');
  });
});
