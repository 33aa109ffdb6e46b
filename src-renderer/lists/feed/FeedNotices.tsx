import { CloudOff, Pause } from 'lucide-react';
import type { ReactNode } from 'react';
import { useConnection } from '../../rpc/connection.ts';
import { Button, Spinner } from '../../ui/Button.tsx';
import { number, plural } from '../../ui/format.ts';
import { momentOf } from '../../ui/moment.ts';
import { StaleNotice } from '../../ui/states.tsx';
import { type FeedReader, type FeedState, MAX_ROWS } from './feed-reader.ts';
import type { FeedItem } from './feed-rows.ts';

/** Pages without enough in them before a word is said: a short search is over by then. */
const QUIET_PAGES = 1;

/** What the rows are. */
export interface FeedWords {
  one: string;
  many: string;
  /** What a new one does: it `happens`. */
  comes: string;
}

interface NoticeProps<T extends FeedItem> {
  reader: FeedReader<T>;
  state: FeedState<T>;
  words: FeedWords;
}

/** Above the rows: why they are not the newest. */
export function HeadNotice<T extends FeedItem>({
  reader,
  state,
  to,
  words,
}: NoticeProps<T> & { to: string | undefined }) {
  const isConnected = useConnection(({ state: { phase } }) => phase === 'open' || phase === 'connecting');
  if (!isConnected) {
    return (
      <Line icon={<CloudOff />}>
        Not connected: these are the {words.many} until then. Those in between are shown as soon as Archon is back.
      </Line>
    );
  }
  if (state.head.phase === 'failed' && state.rows.length > 0) {
    return (
      <div className="border-line border-b p-2">
        <StaleNotice error={state.head.error} onRetry={() => reader.retry()} />
      </div>
    );
  }
  if (state.isPaused) {
    return <Line icon={<Pause />}>Paused. What happens meanwhile is counted, and shown when you resume.</Line>;
  }
  if (state.held > 0) {
    return (
      <Line icon={<Pause />}>
        {plural(state.held, words.one, words.many)} more above, shown when you scroll to the top: the list holds{' '}
        {number(MAX_ROWS)}.
      </Line>
    );
  }
  if (state.head.phase !== 'ready') return null;
  if (to !== undefined && Date.parse(to) <= Date.now()) {
    return (
      <Line icon={<Pause />}>
        Only {words.many} before {momentOf(to)} are shown: nothing new comes.
      </Line>
    );
  }
  return null;
}

/** Under the rows: a search back in time that takes its time, or was stopped. */
export function SearchNotice<T extends FeedItem>({ reader, state: { search, older }, words }: NoticeProps<T>) {
  if (search.phase === 'searching' && search.pages >= QUIET_PAGES) {
    return (
      <Line icon={<Spinner />} isBelow>
        <span className="flex-1">
          Searching further back: {plural(search.pages, 'part')} of the log looked through without finding enough.
        </span>
        <Button size="small" className="h-6" onClick={() => reader.stopSearch()}>
          Stop
        </Button>
      </Line>
    );
  }
  if (search.phase === 'stopped') {
    return (
      <Line isBelow>
        <span className="flex-1">The search was stopped: older {words.many} were not looked at.</span>
        <Button size="small" className="h-6" onClick={() => reader.readOlder()}>
          Search on
        </Button>
      </Line>
    );
  }
  if (older.at === 'top' && search.phase === 'rest') {
    return (
      <Line isBelow>
        The list keeps {number(MAX_ROWS)} {words.many}. Older ones were let go, and are read from the log again as you
        scroll.
      </Line>
    );
  }
  return null;
}

/** Seen, not announced: it counts on. What must be heard is said by the bar, the list and the banner. */
function Line({ icon, isBelow = false, children }: { icon?: ReactNode; isBelow?: boolean; children: ReactNode }) {
  return (
    <div
      className={`flex min-h-8 shrink-0 items-center gap-2 border-line px-3 py-1 text-muted text-xs [&_svg]:size-3.5 [&_svg]:shrink-0 ${isBelow ? 'border-t' : 'border-b bg-raised'}`}
    >
      {icon}
      {children}
    </div>
  );
}
