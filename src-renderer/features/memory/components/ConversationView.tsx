/** A session as a conversation: who said what and when, what it costs in tokens, and where something was said. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDownToLine, MessageSquareOff } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Session } from '../../../../src-contract/index.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Button } from '../../../ui/Button.tsx';
import { number, plural } from '../../../ui/format.ts';
import { EmptyState, ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import type { ConversationMessage } from '../hooks/conversation-reader.ts';
import { type Conversation, useConversation } from '../hooks/use-conversation.ts';
import { useMemorySearch } from '../hooks/use-memory-search.ts';
import { useReveal } from '../hooks/use-reveal.ts';
import { FindBar, useFinder } from './ConversationFind.tsx';
import { ConversationHeading } from './ConversationHeading.tsx';
import { MessageItem } from './MessageItem.tsx';

const ESTIMATED_PX = 120;
/** So near to the end, new messages are followed. */
const NEAR_END_PX = 80;

export interface ConversationViewProps {
  session_id: string;
  user_id: string;
  /** What the list knows of it; a linked session may not be in the list. */
  known: Session | undefined;
  /** The message to show. */
  message_id: string | undefined;
}

export function ConversationView({ session_id, user_id, known, message_id }: ConversationViewProps) {
  const conversation = useConversation(session_id, user_id);
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
  const { reveal, stop } = useReveal(virtual);
  const finder = useFinder(messages, reveal);
  useLinkedMessage(message_id, messages, show);
  const follow = useFollow(messages, conversation.isReading, scrollRef);

  if (conversation.gone !== undefined) return <Gone how={conversation.gone} />;
  if (messages.length === 0) {
    if (conversation.error)
      return <ErrorState className="flex-1" error={conversation.error} onRetry={conversation.retry} />;
    if (conversation.isReading) return <SkeletonRows rows={6} className="flex-1" />;
  }
  const active = finder.matches[finder.at];
  return (
    <section aria-label="Conversation" className="flex min-w-0 flex-1 flex-col">
      <ConversationHeading session_id={session_id} known={known} messages={messages} onJump={show} />
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
            onWheel={stop}
            onPointerDown={stop}
            onKeyDown={stop}
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
            <Button size="small" className="h-5" onClick={conversation.retry}>
              Try again
            </Button>
          </>
        )}
        {!conversation.isReading && !conversation.error && typeof conversation.cursor === 'string' && (
          <Button size="small" className="h-5" onClick={conversation.readRest}>
            Read the rest
          </Button>
        )}
      </p>
    </section>
  );
}

const GONE = {
  deleted: ['This session was deleted', 'Its messages are gone for good. Memories that agents made of them stay.'],
  erased: ['This user was erased', 'Everything that was remembered of them is gone for good.'],
  forgotten: [
    'This session is not there any more',
    'It was deleted, or forgotten some time after its last message. Memories that agents made of it stay.',
  ],
} as const;

/** In place of a conversation that was read and is no more: nothing of it is shown. */
function Gone({ how }: { how: NonNullable<Conversation['gone']> }) {
  const { set } = useMemorySearch();
  const [title, text] = GONE[how];
  return (
    <section aria-label="Conversation" role="alert" className="flex min-w-0 flex-1 flex-col justify-center">
      <EmptyState
        icon={<MessageSquareOff />}
        title={title}
        actions={<Button onClick={() => set({ session: undefined, message: undefined })}>Show other sessions</Button>}
      >
        {text}
      </EmptyState>
    </section>
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
