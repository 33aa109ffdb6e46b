/** The rows of a feed under a filter, kept up to date as long as they are shown. */
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { problemOf } from '../../rpc/errors.ts';
import { FeedReader, type FeedSource, type FeedState } from './feed-reader.ts';
import type { FeedItem } from './feed-rows.ts';

/** Between looks at what has come while nobody looks at the page. */
const HIDDEN_MS = 1000;

/** What is shown, and where it is read. */
export type FeedContent<T> = Pick<FeedSource<T>, 'matches' | 'page'>;

/**
 * @param filter in words of its own: another one has another reader
 * @param contentOf asked once for each filter
 * @param isPaused stays as it is when the filter changes
 */
export function useFeedReader<T extends FeedItem>(
  filter: string,
  contentOf: () => FeedContent<T>,
  isPaused: boolean,
): { reader: FeedReader<T>; state: FeedState<T> } {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the filter says what is read; a reader is told below when it is paused.
  const reader = useMemo(() => new FeedReader<T>({ ...contentOf(), ...IN_A_PAGE }, isPaused), [filter]);
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

/** Time and faults, as they are in a page. */
const IN_A_PAGE: Omit<FeedSource<never>, keyof FeedContent<never>> = {
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
