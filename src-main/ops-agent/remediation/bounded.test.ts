import { expect, it } from 'vitest';
import { bounded, StoppedError, TookTooLongError } from './bounded.ts';

const never = new AbortController().signal;
const hang = () => new Promise<never>(() => {});

it('gives what the work gives', async () => {
  expect(await bounded(60_000, never, async () => 7)).toBe(7);
});

it('passes on what the work throws', async () => {
  await expect(bounded(60_000, never, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

it('does not wait for work that hangs, and tells it to end', async () => {
  let told: AbortSignal | undefined;
  const work = bounded(1, never, (signal) => {
    told = signal;
    return hang();
  });
  await expect(work).rejects.toBeInstanceOf(TookTooLongError);
  expect(told?.aborted).toBe(true);
});

it('ends at once when all stops', async () => {
  const stop = new AbortController();
  const work = bounded(60_000, stop.signal, hang);
  stop.abort();
  await expect(work).rejects.toBeInstanceOf(StoppedError);
  await expect(bounded(60_000, stop.signal, hang)).rejects.toBeInstanceOf(StoppedError);
});
