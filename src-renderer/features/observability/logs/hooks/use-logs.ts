/** The rows of the log under a filter. */
import { useEffect } from 'react';
import type { LogEntry } from '../../../../../src-contract/index.ts';
import type { FeedReader, FeedState } from '../../../../lists/feed/feed-reader.ts';
import { type FeedContent, useFeedReader } from '../../../../lists/feed/use-feed-reader.ts';
import { client } from '../../../../rpc/client.ts';
import { untilOnline } from '../../../../rpc/live-events.ts';
import type { LogFilter } from '../logs-search.ts';
import { followLogs } from '../model/follow-logs.ts';

/** @param isPaused stays as it is when the filter changes */
export function useLogs(
  filter: LogFilter,
  isPaused: boolean,
): { reader: FeedReader<LogEntry>; state: FeedState<LogEntry> } {
  const feed = useFeedReader(JSON.stringify(filter), () => contentOf(filter), isPaused);
  const { reader } = feed;
  // biome-ignore lint/correctness/useExhaustiveDependencies: there is a reader for each filter.
  useEffect(() => {
    const { from: _from, to, ...followed } = filter;
    // Before a time that is over, nothing new comes.
    if (to !== undefined) return;
    const controller = new AbortController();
    void followLogs(
      {
        open: (input, signal) => client.logs.tail({ ...followed, ...input }, { signal }),
        onEntry: (entry) => reader.note(entry),
        onGap: () => reader.noteGap(),
        pause: untilOnline,
      },
      controller.signal,
    );
    return () => controller.abort();
  }, [reader]);
  return feed;
}

function contentOf(filter: LogFilter): FeedContent<LogEntry> {
  const from_ms = filter.from === undefined ? undefined : Date.parse(filter.from);
  return {
    // The stream brings only what matches; a time that is still to come is looked at here.
    matches: ({ created_at }) => from_ms === undefined || Date.parse(created_at) >= from_ms,
    page: ({ cursor, limit }, signal) =>
      client.logs.list({ ...filter, limit, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
  };
}
