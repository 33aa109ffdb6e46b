import { expect, it } from 'vitest';
import { failureOf, runHandler } from './run-handler.ts';

const never = new AbortController().signal;

it('is interrupted, not failed, when the engine stops', async () => {
  const stop = new AbortController();
  const running = runHandler(
    (signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    { timeout_ms: 3_600_000, stop: stop.signal },
  );
  stop.abort();
  expect(await running).toEqual({ state: 'interrupted' });
});

it('fails for what is thrown before the first await', async () => {
  const result = await runHandler(
    () => {
      throw new RangeError('at once');
    },
    { timeout_ms: 3_600_000, stop: never },
  );
  expect(result).toMatchObject({ state: 'failed', failure: { name: 'RangeError', message: 'at once' } });
});

it('puts anything thrown into words that PostgreSQL can store', () => {
  const loop: { self?: unknown } = {};
  loop.self = loop;
  expect(failureOf('a\u0000b\ud800')).toMatchObject({ name: 'NonError', message: 'a\ufffdb\ufffd', stack: null });
  expect(failureOf(loop)).toMatchObject({ name: 'NonError' });
  expect(failureOf(Symbol('x'))).toMatchObject({ message: 'Symbol(x)' });
  expect(failureOf(new Error('x'.repeat(10_000))).message).toHaveLength(4000);
});
