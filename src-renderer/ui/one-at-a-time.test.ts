import { describe, expect, it, vi } from 'vitest';
import { oneAtATime } from './one-at-a-time.ts';

describe('one at a time', () => {
  it('does once what is asked for twice, also when it is drawn anew meanwhile', async () => {
    const gate = { isBusy: false };
    const { promise, resolve } = Promise.withResolvers<void>();
    const work = vi.fn(() => promise);
    const submission = { preventDefault: vi.fn() };
    const first = oneAtATime(gate, work)(submission);
    await oneAtATime(gate, work)(submission);
    expect(work).toHaveBeenCalledTimes(1);
    expect(submission.preventDefault).toHaveBeenCalledTimes(2);
    resolve();
    await first;
    await oneAtATime(gate, work)();
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('may be asked for again after it failed', async () => {
    const gate = { isBusy: false };
    const refused = vi.fn(() => Promise.reject(new Error('no')));
    await expect(oneAtATime(gate, refused)()).rejects.toThrow('no');
    await expect(oneAtATime(gate, refused)()).rejects.toThrow('no');
    expect(refused).toHaveBeenCalledTimes(2);
  });
});
