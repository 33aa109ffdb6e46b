/** The rows of the feed under a filter. */
import type { EventEnvelope } from '../../../../../src-contract/index.ts';
import type { FeedReader, FeedState } from '../../../../lists/feed/feed-reader.ts';
import { type FeedContent, useFeedReader } from '../../../../lists/feed/use-feed-reader.ts';
import { client } from '../../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../../rpc/live-events.ts';
import { type FeedFilter, matcher } from '../model/event-match.ts';

/** @param isPaused stays as it is when the filter changes */
export function useFeed(
  filter: FeedFilter,
  isPaused: boolean,
): { reader: FeedReader<EventEnvelope>; state: FeedState<EventEnvelope> } {
  const feed = useFeedReader(JSON.stringify(filter), () => contentOf(filter), isPaused);
  useEvents((event) => feed.reader.note(event));
  useEventGaps(() => feed.reader.noteGap());
  return feed;
}

const contentOf = (filter: FeedFilter): FeedContent<EventEnvelope> => ({
  matches: matcher(filter),
  page: ({ cursor, limit }, signal) =>
    client.events.list({ ...filter, limit, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
});
