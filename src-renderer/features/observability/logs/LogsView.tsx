/** The log: what Archon itself said, as it happens and back through the files. */
import { ScrollText } from 'lucide-react';
import { type RefObject, useCallback, useRef, useState } from 'react';
import type { LogEntry } from '../../../../src-contract/index.ts';
import { useKeys } from '../../../app/shortcuts/use-keys.ts';
import { FeedBody } from '../../../lists/feed/FeedBody.tsx';
import { type FeedWords, HeadNotice, SearchNotice } from '../../../lists/feed/FeedNotices.tsx';
import type { FeedReader, FeedState } from '../../../lists/feed/feed-reader.ts';
import { useScrolled } from '../../../lists/feed/use-scrolled.ts';
import { EmptyState } from '../../../ui/states.tsx';
import { LogBar } from './components/LogBar.tsx';
import { LogDrawer } from './components/LogDrawer.tsx';
import { LogList } from './components/LogList.tsx';
import { useLogs } from './hooks/use-logs.ts';
import { useLogsSearch } from './hooks/use-logs-search.ts';
import { filterOf, hasFilters, NO_FILTERS } from './logs-search.ts';

const WORDS: FeedWords = { one: 'entry', many: 'entries', comes: 'is said' };

export function LogsView() {
  const { search, set } = useLogsSearch();
  const [isPaused, setPaused] = useState(false);
  const [isWrapped, setWrapped] = useState(false);
  const { reader, state } = useLogs(filterOf(search), isPaused);
  const inputRef = useRef<HTMLInputElement>(null);
  const scrollRef = useScrolled(reader, isWrapped);
  const newest = () => {
    setPaused(false);
    scrollRef.current?.scrollTo({ top: 0 });
  };
  useKeys({
    p: () => setPaused(!isPaused),
    w: () => setWrapped(!isWrapped),
    g: newest,
    '/': () => inputRef.current?.focus(),
  });
  const open = useCallback((entry: string | undefined, replace = false) => set({ entry }, { replace }), [set]);
  return (
    <>
      <h2 className="sr-only">Log of Archon</h2>
      <LogBar
        search={search}
        set={set}
        inputRef={inputRef}
        isPaused={isPaused}
        onPause={setPaused}
        isWrapped={isWrapped}
        onWrap={setWrapped}
        onNewest={newest}
        held={state.held}
      />
      <HeadNotice reader={reader} state={state} to={search.to} words={WORDS} />
      <Rows reader={reader} state={state} isWrapped={isWrapped} scrollRef={scrollRef} />
      <SearchNotice reader={reader} state={state} words={WORDS} />
      {search.entry !== undefined && (
        <LogDrawer
          id={search.entry}
          rows={state.rows}
          onOpen={(entry) => open(entry, true)}
          onClose={() => open(undefined)}
        />
      )}
    </>
  );
}

interface RowsProps {
  reader: FeedReader<LogEntry>;
  state: FeedState<LogEntry>;
  isWrapped: boolean;
  scrollRef: RefObject<HTMLDivElement | null>;
}

function Rows({ reader, state, isWrapped, scrollRef }: RowsProps) {
  const { search, set } = useLogsSearch();
  return (
    <FeedBody
      reader={reader}
      state={state}
      words={WORDS}
      isFiltered={hasFilters(search)}
      onClear={() => set(NO_FILTERS)}
      empty={
        <EmptyState icon={<ScrollText />} title="Nothing was said yet">
          What Archon has to say about itself appears here by itself, and stays in files of the data folder.
        </EmptyState>
      }
    >
      <LogList
        reader={reader}
        state={state}
        isWrapped={isWrapped}
        openId={search.entry}
        onOpen={({ id }) => set({ entry: id })}
        scrollRef={scrollRef}
      />
    </FeedBody>
  );
}
