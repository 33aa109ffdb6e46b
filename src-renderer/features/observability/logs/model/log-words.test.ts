import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../../../../src-contract/index.ts';
import { lineOf, sentenceOf } from './log-words.ts';

const ENTRY: LogEntry = {
  id: '1',
  created_at: '2026-01-01T00:00:00.000Z',
  level: 'warn',
  component: 'storage',
  message: 'not written',
  error: { type: 'Error', message: 'the disk is full', code: 'ENOSPC', stack: 'Error: the disk is full\n    at write' },
  fields: { file: 'a b', bytes: 12 },
};

describe('an entry in words', () => {
  it('says what happened and why', () => {
    expect(sentenceOf(ENTRY)).toBe('not written: the disk is full');
    expect(sentenceOf({ ...ENTRY, message: 'the disk is full' })).toBe('the disk is full');
    expect(sentenceOf({ ...ENTRY, message: '' })).toBe('the disk is full');
    expect(sentenceOf({ ...ENTRY, error: null })).toBe('not written');
  });

  it('is one line for the clipboard, with the stack below', () => {
    expect(lineOf(ENTRY)).toBe(
      '2026-01-01T00:00:00.000Z  WARN   storage  not written: the disk is full  file=a b bytes=12\n' +
        'Error: the disk is full\n    at write',
    );
    expect(lineOf({ ...ENTRY, error: null, fields: {} })).toBe('2026-01-01T00:00:00.000Z  WARN   storage  not written');
  });
});
