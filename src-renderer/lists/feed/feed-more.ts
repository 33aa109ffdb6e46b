import type { FeedReader, FeedState } from './feed-reader.ts';
import type { FeedItem } from './feed-rows.ts';

/** How a list reads on in a feed: once stopped, a search goes on when it is told to. */
export const moreOfFeed = <T extends FeedItem>(reader: FeedReader<T>, { older, search }: FeedState<T>) => ({
  hasMore: older.at !== 'end' && search.phase !== 'stopped',
  isLoading: search.phase === 'searching',
  isFailed: search.phase === 'failed',
  load: () => void (search.phase === 'rest' && reader.readOlder()),
  retry: () => reader.readOlder(),
});
