import { describe, expect, it } from 'vitest';
import type { LogEntry, LogTailItem } from '../../../../../src-contract/index.ts';
import { followLogs } from './follow-logs.ts';

const entry = (id: string): LogTailItem => ({
  kind: 'entry',
  entry: {
    id,
    created_at: '2026-01-01T00:00:00.000Z',
    level: 'info',
    component: 'http',
    message: id,
    error: null,
    fields: {},
  },
});

describe('following the log', () => {
  it('goes on after the last entry when the stream breaks, and tells of gaps', async () => {
    const streams: LogTailItem[][] = [
      [entry('1'), entry('2')],
      [entry('3'), { kind: 'left_out', count: 5 }, entry('9')],
    ];
    const stop = new AbortController();
    const told: string[] = [];
    await followLogs(
      {
        open: async ({ after_id = 'the start' }) => {
          told.push(`open after ${after_id}`);
          const items = streams.shift();
          if (items === undefined) throw new Error('away');
          return (async function* () {
            yield* items;
          })();
        },
        onEntry: ({ id }: LogEntry) => void told.push(id),
        onGap: () => void told.push('gap'),
        pause: async () => {
          if (told.includes('open after 9')) stop.abort();
        },
      },
      stop.signal,
    );
    expect(told).toEqual(['open after the start', 'gap', '1', '2', 'open after 2', '3', 'gap', '9', 'open after 9']);
  });
});
