/** The rows of the log under a filter, kept up to date as long as they are shown. */
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { LogEntry } from '../../../../../src-contract/index.ts';
import { FeedReader, type FeedSource, type FeedState } from '../../../../lists/feed/feed-reader.ts';
import { client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { untilOnline } from '../../../../rpc/live-events.ts';
import type { LogFilter } from '../logs-search.ts';
import { followLogs } from '../model/follow-logs.ts';

/** Between looks at what has come while nobody looks at the page. */
const HIDDEN_MS = 1000;

/** @param isPaused stays as it is when the filter changes */
export function useLogs(
  filter: LogFilter,
  isPaused: boolean,
): { reader: FeedReader<LogEntry>; state: FeedState<LogEntry> } {
  const key = JSON.stringify(filter);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is the filter; a reader is told below when it is paused.
  const reader = useMemo(() => new FeedReader(sourceOf(filter), isPaused), [key]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: there is a reader for each filter.
  useEffect(() => {
    reader.start();
    const controller = new AbortController();
    const { from: _from, to, ...followed } = filter;
    // Before a time that is over, nothing new comes.
    if (to === undefined) {
      void followLogs(
        {
          open: (input, signal) => client.logs.tail({ ...followed, ...input }, { signal }),
          onEntry: (entry) => reader.note(entry),
          onGap: () => reader.noteGap(),
          pause: untilOnline,
        },
        controller.signal,
      );
    }
    return () => {
      controller.abort();
      reader.stop();
    };
  }, [reader]);
  useEffect(() => {
    if (reader.state().isPaused !== isPaused) reader.setPaused(isPaused);
  }, [reader, isPaused]);
  const state = useSyncExternalStore(reader.subscribe, reader.state);
  return { reader, state };
}

function sourceOf(filter: LogFilter): FeedSource<LogEntry> {
  const from_ms = filter.from === undefined ? undefined : Date.parse(filter.from);
  return {
    // The stream brings only what matches; a time that is still to come is looked at here.
    matches: ({ created_at }) => from_ms === undefined || Date.parse(created_at) >= from_ms,
    page: ({ cursor, limit }, signal) =>
      client.logs.list({ ...filter, limit, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
    isTransient: (error) => problemOf(error).transient,
    later: (work, delay_ms) => {
      const timer = setTimeout(work, delay_ms);
      return () => clearTimeout(timer);
    },
    nextFrame: (work) => {
      if (document.visibilityState === 'visible') {
        const frame = requestAnimationFrame(work);
        return () => cancelAnimationFrame(frame);
      }
      const timer = setTimeout(work, HIDDEN_MS);
      return () => clearTimeout(timer);
    },
  };
}
