/** Work that is not waited for any longer than it may take, whether or not it heeds the signal that tells it to end. */

export class TookTooLongError extends Error {
  override readonly name = 'TookTooLongError';
}

export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** @throws TookTooLongError; StoppedError when `stop` is aborted; what `work` throws */
export async function bounded<T>(
  limit_ms: number,
  stop: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const given = Promise.withResolvers<never>();
  const giveUp = (error: Error) => {
    own.abort(error);
    given.reject(error);
  };
  const onStop = () => giveUp(new StoppedError('Archon stops.'));
  const seconds = Math.max(1, Math.round(limit_ms / 1000));
  const timer = setTimeout(() => giveUp(new TookTooLongError(`It did not end within ${seconds} s.`)), limit_ms);
  timer.unref();
  if (stop.aborted) onStop();
  stop.addEventListener('abort', onStop, { once: true });
  try {
    return await Promise.race([given.promise, work(own.signal)]);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', onStop);
    // Where the work was quicker, nobody hears of it.
    given.promise.catch(() => {});
  }
}
