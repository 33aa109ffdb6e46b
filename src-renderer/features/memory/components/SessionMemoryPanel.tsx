import { useVirtualizer } from '@tanstack/react-virtual';
import { MessagesSquare } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Session } from '../../../../src-contract/index.ts';
import { useKeys } from '../../../app/shortcuts/use-keys.ts';
import { cx } from '../../../ui/classes.ts';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { SearchInput } from '../../../ui/fields.tsx';
import { number, plural } from '../../../ui/format.ts';
import { EmptyState, ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { Ago } from '../../../ui/Time.tsx';
import { useMemorySearch } from '../hooks/use-memory-search.ts';
import { useSessions } from '../hooks/use-sessions.ts';
import { ConversationView } from './ConversationView.tsx';

const ROW_PX = 58;

/** Session memory: conversations as they happen. */
export function SessionMemoryPanel({ user_id }: { user_id: string }) {
  const { search, set } = useMemorySearch();
  const { query, sessions } = useSessions(user_id);
  const [find, setFind] = useState('');
  const inputRef = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => inputRef.current?.focus() });
  const first = sessions[0]?.session_id;
  const open = search.session ?? first;
  // Once chosen it stays: another session that is written to comes first, and must not take the reader away.
  useEffect(() => {
    if (search.session === undefined && first !== undefined) set({ session: first }, { replace: true });
  }, [search.session, first, set]);

  if (query.isPending) return <SkeletonRows rows={12} />;
  if (query.isError && sessions.length === 0) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (sessions.length === 0 && open === undefined) {
    return (
      <EmptyState icon={<MessagesSquare />} title="No sessions now">
        Conversations appear here while they happen. They are forgotten some time after their last message.
      </EmptyState>
    );
  }
  const found = sessions.filter((session) => matches(session, find));
  return (
    <div className="flex min-h-0 flex-1">
      <section aria-label="Sessions" className="flex w-64 shrink-0 flex-col border-line border-r max-xl:w-52">
        <div className="p-2">
          <SearchInput
            ref={inputRef}
            aria-label="Find a session by its title or id"
            placeholder="Find a session"
            value={find}
            onChange={setFind}
          />
        </div>
        {found.length === 0 && <p className="px-3 text-muted">No session is called like this.</p>}
        <SessionList
          sessions={found}
          openId={open}
          onOpen={({ session_id }, replace) => set({ session: session_id, message: undefined }, { replace })}
          onEnd={() => {
            // A page that could not be read is not asked for again by itself.
            const { hasNextPage, isFetchingNextPage, isFetchNextPageError } = query;
            if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void query.fetchNextPage();
          }}
        />
        {query.isError && (
          <StaleNotice
            error={query.error}
            onRetry={() => void (query.isFetchNextPageError ? query.fetchNextPage() : query.refetch())}
          />
        )}
        <p role="status" className="flex h-7 shrink-0 items-center border-line border-t px-3 text-[11px] text-faint">
          {plural(found.length, 'session')}
          {query.hasNextPage && ' so far'}
        </p>
      </section>
      {open !== undefined && (
        <ConversationView
          key={open}
          session_id={open}
          user_id={user_id}
          known={sessions.find(({ session_id }) => session_id === open)}
          message_id={open === search.session ? search.message : undefined}
        />
      )}
    </div>
  );
}

interface SessionListProps {
  sessions: readonly Session[];
  openId: string | undefined;
  /** With `replace` on the way past it: "back" skips what was only passed. */
  onOpen(session: Session, replace: boolean): void;
  onEnd(): void;
}

function SessionList({ sessions, openId, onOpen, onEnd }: SessionListProps) {
  const scrollRef = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: sessions.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    getItemKey: (index) => sessions[index]?.session_id ?? index,
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= sessions.length - 10) onEnd();
  }, [last, sessions.length, onEnd]);
  const at = sessions.findIndex(({ session_id }) => session_id === openId);
  const go = (index: number) => {
    const session = sessions[Math.max(0, Math.min(sessions.length - 1, index))];
    if (session === undefined) return;
    onOpen(session, true);
    virtual.scrollToIndex(sessions.indexOf(session));
  };
  return (
    <div
      ref={scrollRef}
      role="listbox"
      aria-label="Sessions"
      aria-activedescendant={at >= 0 ? `session-row-${at}` : undefined}
      tabIndex={0}
      onKeyDown={(event) => {
        const current = sessions[at];
        if (event.key === 'Enter' && current) onOpen(current, false);
        const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        go(at + step);
      }}
      className="min-h-0 flex-1 overflow-y-auto focus-visible:-outline-offset-2"
    >
      <div role="presentation" style={{ height: virtual.getTotalSize() }} className="relative">
        {rows.map((row) => {
          const session = sessions[row.index];
          if (session === undefined) return null;
          const isOpen = session.session_id === openId;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys for all rows.
            <div
              key={row.key}
              id={`session-row-${row.index}`}
              role="option"
              tabIndex={-1}
              aria-selected={isOpen}
              onClick={() => onOpen(session, false)}
              style={{ height: ROW_PX, transform: `translateY(${row.start}px)` }}
              className={cx(
                'absolute inset-x-0 top-0 flex flex-col justify-center border-line/60 border-b px-3',
                isOpen ? 'bg-accent-soft shadow-[inset_3px_0_0_var(--accent)]' : 'hover:bg-hover',
              )}
            >
              <span dir="auto" className="one-line font-medium">
                {visibleText(session.title ?? session.session_id)}
              </span>
              <span className="flex gap-2 text-[11px] text-muted tabular-nums">
                <span className="one-line flex-1">
                  {plural(session.message_count, 'message')}
                  <span className="max-xl:hidden"> · {number(session.token_count)} tokens</span>
                </span>
                <Ago time={session.last_accessed_at} className="shrink-0" />
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function matches({ title, session_id }: Session, find: string): boolean {
  const name = `${title ?? ''} ${session_id}`.toLowerCase();
  return name.includes(find.trim().toLowerCase());
}
