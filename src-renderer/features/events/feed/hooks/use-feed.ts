/** The rows of the feed under a filter, kept up to date as long as they are shown. */
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { EventEnvelope } from '../../../../../src-contract/index.ts';
import { FeedReader, type FeedSource, type FeedState } from '../../../../lists/feed/feed-reader.ts';
import { client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { useEventGaps, useEvents } from '../../../../rpc/live-events.ts';
import { type FeedFilter, matcher } from '../model/event-match.ts';

/** Between looks at what has come while nobody looks at the page. */
const HIDDEN_MS = 1000;

/** @param isPaused stays as it is when the filter changes */
export function useFeed(
  filter: FeedFilter,
  isPaused: boolean,
): { reader: FeedReader<EventEnvelope>; state: FeedState<EventEnvelope> } {
  const key = JSON.stringify(filter);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is the filter; a reader is told below when it is paused.
  const reader = useMemo(() => new FeedReader(sourceOf(filter), isPaused), [key]);
  useEvents((event) => reader.note(event));
  useEventGaps(() => reader.noteGap());
  useEffect(() => {
    reader.start();
    return () => reader.stop();
  }, [reader]);
  useEffect(() => {
    if (reader.state().isPaused !== isPaused) reader.setPaused(isPaused);
  }, [reader, isPaused]);
  const state = useSyncExternalStore(reader.subscribe, reader.state);
  return { reader, state };
}

function sourceOf(filter: FeedFilter): FeedSource<EventEnvelope> {
  return {
    matches: matcher(filter),
    page: ({ cursor, limit }, signal) =>
      client.events.list({ ...filter, limit, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
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
