import { describe, expect, it } from 'vitest';
import { ArchonError } from '../errors.ts';
import { databaseFault, isReadOnly, isRefusedConnection, judgeDatabase, wasCutOff } from './storage-errors.ts';

const failure = (code: string | undefined, message = 'it failed') =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

describe('an error of the database', () => {
  it.each([
    ['25006', 'leads to the primary'],
    ['57P04', 'was dropped'],
    ['57P05', 'is away'],
    ['53200', 'out of memory'],
    ['58030', 'check the disk'],
    ['57P01', 'is away'],
    ['08006', 'is away'],
    ['ECONNREFUSED', 'is away'],
  ])('with code %s tells that the storage is away, and what to do', (code, advice) => {
    const error = failure(code);
    expect(databaseFault(error)).toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      message: expect.stringContaining(advice),
      cause: error,
    });
  });

  it.each(['Query read timeout', 'timeout expired', 'Connection terminated unexpectedly'])(
    'that pg puts into the words "%s" tells the same',
    (message) => {
      expect(databaseFault(failure(undefined, message))).toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    },
  );

  it.each([
    ['53100', 'could not extend file'],
    ['58030', 'could not write to file "pg_wal/x": No space left on device'],
    ['XX000', 'could not write to file "base/1/2": Disk quota exceeded'],
  ])('with code %s and "%s" tells that the disk is full', (code, message) => {
    expect(databaseFault(failure(code, message))).toMatchObject({ code: 'STORAGE_FULL' });
  });

  it.each([
    ['23505', 'duplicate key'],
    ['42501', 'permission denied'],
    ['XX000', 'unexpected'],
    ['22P02', 'invalid input: "No space left on device"'],
  ])('with code %s and "%s" is a mistake of ours, or of the data', (code, message) => {
    expect(databaseFault(failure(code, message))).toBeUndefined();
  });

  it('is not told twice', () => {
    expect(databaseFault(new ArchonError('STORAGE_FULL', 'full'))).toBeUndefined();
    expect(databaseFault('text')).toBeUndefined();
  });

  it('is known for that of a standby', () => {
    expect(isReadOnly(failure('25006'))).toBe(true);
    expect(isReadOnly(failure('57P01'))).toBe(false);
    expect(isReadOnly('25006')).toBe(false);
  });
});

describe('what an error says of the server', () => {
  it.each([
    ['ECONNREFUSED', 'connect ECONNREFUSED', 'away'],
    ['ECONNRESET', 'read ECONNRESET', 'away'],
    ['EPIPE', 'write EPIPE', 'away'],
    ['08006', 'connection failure', 'away'],
    ['57P01', 'terminating connection', 'away'],
    ['57P03', 'the database system is starting up', 'away'],
    [undefined, 'Connection terminated unexpectedly', 'away'],
    [undefined, 'Connection terminated due to connection timeout', 'away'],
    [undefined, 'Query read timeout', 'away'],
    ['23505', 'duplicate key', 'answered'],
    ['40P01', 'deadlock detected', 'answered'],
    ['53100', 'no space left on device', 'answered'],
    ['53300', 'too many connections', 'answered'],
    ['57014', 'canceling statement due to statement timeout', 'answered'],
    ['28P01', 'password authentication failed', 'answered'],
    [undefined, 'timeout exceeded when trying to connect', 'nothing'],
    [undefined, 'a mistake of ours', 'nothing'],
  ])('%s %s: %s', (code, message, expected) => {
    const error = failure(code, message);
    expect(judgeDatabase(error)).toBe(expected);
    const told = databaseFault(error);
    if (told) expect(judgeDatabase(told)).toBe(expected);
  });

  it('knows what may be tried again at once, and what may have been asked', () => {
    const refused = databaseFault(failure('ECONNREFUSED'));
    const cut = databaseFault(failure(undefined, 'Connection terminated unexpectedly'));
    const silent = databaseFault(failure(undefined, 'Connection terminated due to connection timeout'));
    expect([refused, cut, silent].map(isRefusedConnection)).toEqual([true, true, false]);
    expect([refused, cut, silent].map(wasCutOff)).toEqual([false, true, false]);
    expect(judgeDatabase(new ArchonError('NOT_FOUND', 'There is no such memory.'))).toBe('nothing');
  });
});
