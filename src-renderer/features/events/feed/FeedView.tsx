/** The live feed of events: what agents, people and Archon itself do, as it happens and as it happened. */
import { Activity } from 'lucide-react';
import { useCallback, useRef, useState } from 'react';
import type { EventEnvelope } from '../../../../src-contract/index.ts';
import { useKeys } from '../../../app/shortcuts/use-keys.ts';
import { FeedBody } from '../../../lists/feed/FeedBody.tsx';
import { type FeedWords, HeadNotice, SearchNotice } from '../../../lists/feed/FeedNotices.tsx';
import type { FeedReader, FeedState } from '../../../lists/feed/feed-reader.ts';
import { useScrolled } from '../../../lists/feed/use-scrolled.ts';
import { EmptyState } from '../../../ui/states.tsx';
import { EventDrawer } from './components/EventDrawer.tsx';
import { FeedBar } from './components/FeedBar.tsx';
import { FeedList } from './components/FeedList.tsx';
import { LastHour } from './components/LastHour.tsx';
import { filterOf, hasFilters, NO_FILTERS } from './feed-search.ts';
import { useFeed } from './hooks/use-feed.ts';
import { useFeedSearch } from './hooks/use-feed-search.ts';

const WORDS: FeedWords = { one: 'event', many: 'events', comes: 'happens' };

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
  return (
    <FeedBody
      reader={reader}
      state={state}
      words={WORDS}
      isFiltered={hasFilters(search)}
      onClear={() => set(NO_FILTERS)}
      empty={
        <EmptyState icon={<Activity />} title="Nothing has happened yet">
          Whatever an agent writes, a worker does or a person changes appears here by itself.
        </EmptyState>
      }
    >
      <FeedList
        reader={reader}
        state={state}
        openId={search.event}
        onOpen={({ id }) => set({ event: id })}
        scrollRef={scrollRef}
      />
    </FeedBody>
  );
}
