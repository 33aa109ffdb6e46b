/** The live feed of events: what agents, people and Archon itself do, as it happens and as it happened. */
import { Activity, Pause, SearchX } from 'lucide-react';
import { useCallback, useRef, useState } from 'react';
import type { EventEnvelope } from '../../../../src-contract/index.ts';
import { useKeys } from '../../../app/shortcuts/use-keys.ts';
import { type FeedWords, HeadNotice, SearchNotice } from '../../../lists/feed/FeedNotices.tsx';
import type { FeedReader, FeedState } from '../../../lists/feed/feed-reader.ts';
import { useScrolled } from '../../../lists/feed/use-scrolled.ts';
import { Button } from '../../../ui/Button.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { EventDrawer } from './components/EventDrawer.tsx';
import { FeedBar } from './components/FeedBar.tsx';
import { FeedList } from './components/FeedList.tsx';
import { LastHour } from './components/LastHour.tsx';
import { filterOf, hasFilters, NO_FILTERS } from './feed-search.ts';
import { useFeed } from './hooks/use-feed.ts';
import { useFeedSearch } from './hooks/use-feed-search.ts';

const WORDS: FeedWords = { one: 'event', many: 'events' };

export function FeedView() {
  const { search, set } = useFeedSearch();
  const [isPaused, setPaused] = useState(false);
  const { reader, state } = useFeed(filterOf(search), isPaused);
  const inputRef = useRef<HTMLInputElement>(null);
  useKeys({
    p: () => setPaused(!isPaused),
    '/': () => inputRef.current?.focus(),
  });
  const open = useCallback((event: string | undefined, replace = false) => set({ event }, { replace }), [set]);
  return (
    <>
      <h2 className="sr-only">Live feed of events</h2>
      <LastHour search={search} set={set} />
      <FeedBar
        search={search}
        set={set}
        inputRef={inputRef}
        isPaused={isPaused}
        onPause={setPaused}
        held={state.held}
      />
      <HeadNotice reader={reader} state={state} to={search.to} words={WORDS} />
      <Rows reader={reader} state={state} />
      <SearchNotice reader={reader} state={state} words={WORDS} />
      {search.event !== undefined && (
        <EventDrawer
          event_id={search.event}
          rows={state.rows}
          onOpen={(event) => open(event, true)}
          onClose={() => open(undefined)}
        />
      )}
    </>
  );
}

function Rows({ reader, state }: { reader: FeedReader<EventEnvelope>; state: FeedState<EventEnvelope> }) {
  const { search, set } = useFeedSearch();
  const scrollRef = useScrolled(reader);
  const { rows, head, search: looking } = state;
  if (rows.length > 0) {
    return (
      <FeedList
        reader={reader}
        state={state}
        openId={search.event}
        onOpen={({ id }) => set({ event: id })}
        scrollRef={scrollRef}
      />
    );
  }
  if (head.phase === 'failed') return <ErrorState error={head.error} onRetry={() => reader.retry()} />;
  if (looking.phase === 'failed') return <ErrorState error={looking.error} onRetry={() => reader.readOlder()} />;
  if (head.phase === 'reading' || looking.phase === 'searching') {
    return <SkeletonRows rows={14} className="min-h-0 flex-1 overflow-hidden" />;
  }
  if (!hasFilters(search)) {
    return (
      <EmptyState icon={<Activity />} title="Nothing has happened yet">
        Whatever an agent writes, a worker does or a person changes appears here by itself.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={state.isPaused ? <Pause /> : <SearchX />}
      title={looking.phase === 'stopped' ? 'Nothing was found so far' : 'No event matches these filters'}
      actions={<Button onClick={() => set(NO_FILTERS)}>Clear filters</Button>}
    >
      {looking.phase !== 'stopped' && 'What matches appears here as soon as it happens.'}
    </EmptyState>
  );
}
