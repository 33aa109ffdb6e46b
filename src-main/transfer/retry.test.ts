import { describe, expect, it } from 'vitest';
import { ArchonError } from '../errors.ts';
import { anotherUsersSession, SessionStoreUnavailableError } from '../storage/sessions/session-store.ts';
import { isRefusal, withRetries } from './retry.ts';

const { signal } = new AbortController();
const away = () => new SessionStoreUnavailableError('away');

function failing(times: number, error: () => Error) {
  let calls = 0;
  return {
    calls: () => calls,
    write: async () => {
      calls += 1;
      if (calls <= times) throw error();
      return 'written';
    },
  };
}

describe('writing while a store may be away', () => {
  it('tries again until it is back', async () => {
    const { write, calls } = failing(2, away);
    expect(await withRetries(write, [1, 1], signal)).toBe('written');
    expect(calls()).toBe(3);
  });

  it('gives up after the last delay, with the last error', async () => {
    const { write, calls } = failing(9, away);
    await expect(withRetries(write, [1, 1], signal)).rejects.toThrow('away');
    expect(calls()).toBe(3);
  });

  it('does not try again what cannot succeed', async () => {
    for (const error of [
      new ArchonError('STORAGE_FULL', 'full'),
      new TypeError('mistake'),
      Object.assign(new Error('bad'), { code: '22P02' }),
    ]) {
      const { write, calls } = failing(9, () => error);
      await expect(withRetries(write, [1, 1], signal)).rejects.toBe(error);
      expect(calls()).toBe(1);
    }
  });

  it('ends the wait when the job is cancelled', async () => {
    const abort = new AbortController();
    const { write } = failing(9, away);
    const result = withRetries(write, [60_000], abort.signal);
    setImmediate(() => abort.abort(new Error('cancelled')));
    await expect(result).rejects.toThrow('cancelled');
  });

  it('knows a refusal of data from a database that is away', () => {
    expect(isRefusal(Object.assign(new Error('check'), { code: '23514' }))).toBe(true);
    expect(isRefusal(Object.assign(new Error('no such language'), { code: '42704' }))).toBe(true);
    expect(isRefusal(anotherUsersSession('s', 'ada'))).toBe(true);
    expect(isRefusal(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))).toBe(false);
    expect(isRefusal(away())).toBe(false);
  });
});
