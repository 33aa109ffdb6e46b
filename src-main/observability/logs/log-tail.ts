/** Follows the log for one reader, who may be slower than what is written. */
import { type LogTailItem, MAX_TAIL_BEHIND } from '../../../src-contract/index.ts';
import { type LogFilter, matcher } from './log-filter.ts';
import { entryOf, type LogRecord } from './log-record.ts';
import type { LogRing } from './log-ring.ts';

export interface TailOptions extends LogFilter {
  after_id?: string | undefined;
  signal: AbortSignal | undefined;
}

/** Begins to follow when it is called, not when the first entry is asked for. */
export function tail(ring: LogRing, { after_id, signal, ...filter }: TailOptions): AsyncGenerator<LogTailItem, void> {
  const matches = matcher(filter);
  const waiting: LogRecord[] = [];
  let left_out = 0;
  let bell = Promise.withResolvers<void>();
  let isOver = signal?.aborted ?? false;
  const take = (record: LogRecord) => {
    if (!matches(record)) return;
    waiting.push(record);
    if (waiting.length > MAX_TAIL_BEHIND) {
      waiting.shift();
      left_out += 1;
    }
    bell.resolve();
  };
  const isComplete = after_id === undefined || Number(after_id) >= ring.complete_after;
  if (after_id !== undefined) for (const record of ring.after(Number(after_id))) take(record);
  const unfollow = ring.follow(take);
  const end = () => {
    isOver = true;
    unfollow();
    bell.resolve();
  };
  signal?.addEventListener('abort', end, { once: true });

  const items = read();
  // A generator that waits hears of `return` only after the next entry: so the waiting is ended first.
  const giveBack = items.return.bind(items);
  items.return = (value) => {
    end();
    return giveBack(value);
  };
  return items;

  async function* read(): AsyncGenerator<LogTailItem, void> {
    try {
      if (!isComplete) yield { kind: 'left_out', count: null };
      while (!isOver) {
        if (left_out > 0) {
          const count = left_out;
          left_out = 0;
          yield { kind: 'left_out', count };
          continue;
        }
        const record = waiting.shift();
        if (record) {
          yield { kind: 'entry', entry: entryOf(record) };
          continue;
        }
        await bell.promise;
        bell = Promise.withResolvers();
      }
    } finally {
      signal?.removeEventListener('abort', end);
      unfollow();
    }
  }
}
