import { Pause, SearchX } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/Button.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import type { FeedWords } from './FeedNotices.tsx';
import type { FeedReader, FeedState } from './feed-reader.ts';
import type { FeedItem } from './feed-rows.ts';

interface FeedBodyProps<T extends FeedItem> {
  reader: FeedReader<T>;
  state: FeedState<T>;
  words: FeedWords;
  isFiltered: boolean;
  onClear(): void;
  /** In the place of rows when there are none at all. */
  empty: ReactNode;
  /** The rows. */
  children: ReactNode;
}

/** The rows of a feed, or why there are none. */
export function FeedBody<T extends FeedItem>(props: FeedBodyProps<T>) {
  const { reader, state, words, isFiltered, onClear, empty, children } = props;
  const { rows, head, search } = state;
  if (rows.length > 0) return children;
  if (head.phase === 'failed') return <ErrorState error={head.error} onRetry={() => reader.retry()} />;
  if (search.phase === 'failed') return <ErrorState error={search.error} onRetry={() => reader.readOlder()} />;
  if (head.phase === 'reading' || search.phase === 'searching') {
    return <SkeletonRows rows={14} className="min-h-0 flex-1 overflow-hidden" />;
  }
  if (!isFiltered) return empty;
  return (
    <EmptyState
      icon={state.isPaused ? <Pause /> : <SearchX />}
      title={search.phase === 'stopped' ? 'Nothing was found so far' : `No ${words.one} matches these filters`}
      actions={<Button onClick={onClear}>Clear filters</Button>}
    >
      {search.phase !== 'stopped' && `What matches appears here as soon as it ${words.comes}.`}
    </EmptyState>
  );
}
