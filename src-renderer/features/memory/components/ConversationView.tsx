/** A session as a conversation: who said what and when, what it costs in tokens, and where something was said. */
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  ArrowDownToLine,
  ArrowUpToLine,
  CalendarClock,
  ChevronDown,
  ChevronUp,
  MessageSquareOff,
  Trash2,
} from 'lucide-react';
import { Popover } from 'radix-ui';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { toast } from 'sonner';
import type { Session } from '../../../../src-contract/index.ts';
import { useKeys } from '../../../app/shortcuts/use-keys.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { Confirm } from '../../../ui/Dialog.tsx';
import { Field, SearchInput, TextInput } from '../../../ui/fields.tsx';
import { dayAndClock, number, plural } from '../../../ui/format.ts';
import { EmptyState, ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { Ago } from '../../../ui/Time.tsx';
import { type ConversationMessage, useConversation } from '../hooks/use-conversation.ts';
import { useDebounced } from '../hooks/use-debounced.ts';
import { useMemorySearch } from '../hooks/use-memory-search.ts';
import { MessageItem } from './MessageItem.tsx';

const ESTIMATED_PX = 120;
/** So near to the end, new messages are followed. */
const NEAR_END_PX = 80;

export interface ConversationViewProps {
  session_id: string;
  /** What the list knows of it; a linked session may not be in the list. */
  known: Session | undefined;
  /** The message to show. */
  message_id: string | undefined;
}

export function ConversationView({ session_id, known, message_id }: ConversationViewProps) {
  const conversation = useConversation(session_id);
  const { messages } = conversation;
  const scrollRef = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: messages.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => ESTIMATED_PX,
    overscan: 6,
    getItemKey: (index) => messages[index]?.message_id ?? index,
  });
  const show = useCallback((index: number) => virtual.scrollToIndex(index, { align: 'start' }), [virtual]);
  const finder = useFinder(messages, show);
  useLinkedMessage(message_id, messages, show);
  const follow = useFollow(messages, conversation.isReading, scrollRef);

  if (messages.length === 0) {
    if (conversation.error)
      return <ErrorState className="flex-1" error={conversation.error} onRetry={conversation.readOn} />;
    if (conversation.isReading) return <SkeletonRows rows={6} className="flex-1" />;
  }
  const active = finder.matches[finder.at];
  return (
    <section aria-label="Conversation" className="flex min-w-0 flex-1 flex-col">
      <Heading session_id={session_id} known={known} messages={messages} onJump={show} />
      <FindBar finder={finder} />
      {messages.length === 0 ? (
        <EmptyState icon={<MessageSquareOff />} title="Nothing was said in this session yet" />
      ) : (
        <div className="relative min-h-0 flex-1">
          <div
            ref={scrollRef}
            role="log"
            aria-label="Messages"
            aria-busy={conversation.isReading}
            tabIndex={0}
            onScroll={follow.onScroll}
            className="h-full overflow-y-auto focus-visible:-outline-offset-2"
          >
            <div role="presentation" style={{ height: virtual.getTotalSize() }} className="relative">
              {virtual.getVirtualItems().map((row) => {
                const message = messages[row.index];
                if (message === undefined) return null;
                return (
                  <div
                    key={row.key}
                    ref={virtual.measureElement}
                    data-index={row.index}
                    style={{ transform: `translateY(${row.start}px)` }}
                    className="absolute inset-x-0 top-0"
                  >
                    <MessageItem
                      message={message}
                      find={finder.find || undefined}
                      isMarked={row.index === active || message.message_id === message_id}
                    />
                  </div>
                );
              })}
            </div>
          </div>
          {follow.fresh > 0 && (
            <Button
              look="primary"
              size="small"
              className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-float"
              icon={<ArrowDownToLine className="size-3.5" />}
              onClick={() => virtual.scrollToIndex(messages.length - 1, { align: 'end' })}
            >
              {number(follow.fresh)} new
            </Button>
          )}
        </div>
      )}
      <p
        role="status"
        className="flex h-7 shrink-0 items-center gap-2 border-line border-t px-3 text-[11px] text-faint tabular-nums"
      >
        <span className="one-line flex-1">
          {plural(messages.length, 'message')}
          {known && known.message_count > messages.length && ` of ${number(known.message_count)}`} ·{' '}
          {number(messages.at(-1)?.running_tokens ?? 0)} tokens
        </span>
        {conversation.isReading && 'reading …'}
        {!conversation.isReading && Boolean(conversation.error) && (
          <>
            <span className="text-bad">{problemOf(conversation.error).message}</span>
            <Button size="small" className="h-5" onClick={conversation.readOn}>
              Try again
            </Button>
          </>
        )}
        {!conversation.isReading && !conversation.error && typeof conversation.cursor === 'string' && (
          <Button size="small" className="h-5" onClick={conversation.readOn}>
            Read the rest
          </Button>
        )}
      </p>
    </section>
  );
}

function Heading({
  session_id,
  known,
  messages,
  onJump,
}: {
  session_id: string;
  known: Session | undefined;
  messages: readonly ConversationMessage[];
  onJump(index: number): void;
}) {
  const { set } = useMemorySearch();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  // A session that was linked to may lie outside the part of the list that was read.
  const read = useQuery(
    api.sessions.get.queryOptions({ input: { session_id, message_limit: 0 }, enabled: known === undefined }),
  );
  const session = known ?? read.data;
  const remove = async () => {
    setBusy(true);
    try {
      await client.sessions.delete({ session_id });
      toast.success('The session was forgotten.');
      setAsking(false);
      set({ session: undefined, message: undefined });
    } catch (error) {
      toast.error(problemOf(error).message);
    }
    setBusy(false);
  };
  return (
    <header className="flex items-center gap-2 px-3 pt-2">
      <div className="min-w-0 flex-1">
        <h2 dir="auto" className="one-line font-semibold">
          {visibleText(session?.title ?? session_id)}
        </h2>
        {session && (
          <p className="one-line text-[11px] text-muted">
            begun {dayAndClock(session.started_at)} · forgotten <Ago time={session.expires_at} />
          </p>
        )}
      </div>
      <JumpToTime messages={messages} onJump={onJump} />
      <IconButton
        label="First message"
        disabled={messages.length === 0}
        icon={<ArrowUpToLine className="size-4" />}
        onClick={() => onJump(0)}
      />
      <IconButton
        label="Last message"
        disabled={messages.length === 0}
        icon={<ArrowDownToLine className="size-4" />}
        onClick={() => onJump(messages.length - 1)}
      />
      <CopyButton text={session_id} what="Copy the session’s id" />
      <IconButton label="Forget this session" icon={<Trash2 className="size-4" />} onClick={() => setAsking(true)} />
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Forget this session?"
        action="Forget it"
        busy={busy}
        onConfirm={remove}
      >
        Its {plural(session?.message_count ?? messages.length, 'message')} are deleted at once and cannot be restored.
        Memories that agents made of them stay.
      </Confirm>
    </header>
  );
}

function JumpToTime({ messages, onJump }: { messages: readonly ConversationMessage[]; onJump(index: number): void }) {
  const [open, setOpen] = useState(false);
  const first = messages[0];
  const last = messages.at(-1);
  const jump = (time: string) => {
    const wanted = new Date(time).toISOString();
    const index = messages.findIndex(({ timestamp }) => timestamp >= wanted);
    onJump(index < 0 ? messages.length - 1 : index);
    setOpen(false);
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <IconButton label="Go to a time" disabled={!first} icon={<CalendarClock className="size-4" />} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          aria-label="Go to a time"
          className="z-50 w-64 rounded-lg border border-line-strong bg-raised p-3 shadow-float outline-none"
        >
          <form
            className="space-y-2"
            onSubmit={(event) => {
              event.preventDefault();
              const time = new FormData(event.currentTarget).get('time');
              if (typeof time === 'string' && time !== '') jump(time);
            }}
          >
            <Field label="The first message from this time on">
              {(props) => (
                <TextInput
                  {...props}
                  type="datetime-local"
                  name="time"
                  defaultValue={first && localTime(first.timestamp)}
                  min={first && localTime(first.timestamp)}
                  max={last && localTime(last.timestamp)}
                />
              )}
            </Field>
            <Button type="submit" look="primary" className="w-full">
              Go there
            </Button>
          </form>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** As a `datetime-local` field wants it. */
function localTime(time: string): string {
  const date = new Date(time);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

interface Finder {
  typed: string;
  setTyped(text: string): void;
  find: string;
  /** Places of the messages that hold it. */
  matches: readonly number[];
  at: number;
  go(step: number): void;
}

function useFinder(messages: readonly ConversationMessage[], show: (index: number) => void): Finder {
  const [typed, setTyped] = useState('');
  const find = useDebounced(typed, 150);
  const [at, setAt] = useState(0);
  const matches = useMemo(() => {
    const wanted = find.toLowerCase();
    if (wanted === '') return [];
    return messages.flatMap(({ content }, index) => (content.toLowerCase().includes(wanted) ? [index] : []));
  }, [messages, find]);
  const first = matches[0];
  useEffect(() => {
    setAt(0);
    if (find !== '' && first !== undefined) show(first);
  }, [find, first, show]);
  const go = (step: number) => {
    if (matches.length === 0) return;
    const next = (at + step + matches.length) % matches.length;
    setAt(next);
    show(matches[next] ?? 0);
  };
  return { typed, setTyped, find, matches, at, go };
}

function FindBar({ finder }: { finder: Finder }) {
  const { typed, setTyped, find, matches, at, go } = finder;
  const inputRef = useRef<HTMLInputElement>(null);
  useKeys({ 'mod+f': () => inputRef.current?.focus() });
  return (
    <div className="flex items-center gap-1 border-line border-b px-3 py-2">
      <SearchInput
        ref={inputRef}
        className="flex-1"
        aria-label="Find in this conversation"
        placeholder="Find in this conversation"
        maxLength={1000}
        value={typed}
        onChange={setTyped}
        onKeyDown={(event) => {
          if (event.key === 'Enter') go(event.shiftKey ? -1 : 1);
          if (event.key === 'Escape') setTyped('');
        }}
      />
      <span role="status" className="w-24 text-center text-[11px] text-muted tabular-nums">
        {find !== '' && (matches.length === 0 ? 'not found' : `${number(at + 1)} of ${number(matches.length)}`)}
      </span>
      <IconButton
        label="Previous place"
        disabled={matches.length === 0}
        icon={<ChevronUp className="size-4" />}
        onClick={() => go(-1)}
      />
      <IconButton
        label="Next place"
        disabled={matches.length === 0}
        icon={<ChevronDown className="size-4" />}
        onClick={() => go(1)}
      />
    </div>
  );
}

/** Shows the message of a link once it was read. */
function useLinkedMessage(
  message_id: string | undefined,
  messages: readonly ConversationMessage[],
  show: (index: number) => void,
): void {
  const shown = useRef<string>(undefined);
  useEffect(() => {
    if (message_id === undefined || shown.current === message_id) return;
    const index = messages.findIndex((message) => message.message_id === message_id);
    if (index < 0) return;
    shown.current = message_id;
    show(index);
  }, [message_id, messages, show]);
}

/** Stays at the end while messages are added there; elsewhere counts them. */
function useFollow(
  messages: readonly unknown[],
  isReading: boolean,
  scrollRef: React.RefObject<HTMLDivElement | null>,
) {
  const [fresh, setFresh] = useState(0);
  const nearEnd = useRef(false);
  const before = useRef(0);
  const isComplete = useRef(false);
  useEffect(() => {
    const added = messages.length - before.current;
    before.current = messages.length;
    // What was there from the beginning is not new.
    if (!isComplete.current || added <= 0) {
      if (!isReading) isComplete.current = true;
      return;
    }
    const element = scrollRef.current;
    const fits = element !== null && element.scrollHeight - element.clientHeight < 2 * NEAR_END_PX;
    if ((nearEnd.current || fits) && element)
      requestAnimationFrame(() => element.scrollTo({ top: element.scrollHeight }));
    else setFresh((count) => count + added);
  }, [messages, isReading, scrollRef]);
  const onScroll = () => {
    const element = scrollRef.current;
    if (element === null) return;
    nearEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
    if (nearEnd.current) setFresh(0);
  };
  return { fresh, onScroll };
}
