import { Bot, Cog, UserRound, Wrench } from 'lucide-react';
import { memo } from 'react';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { cx } from '../../../ui/classes.ts';
import { ContentText } from '../../../ui/content/ContentText.tsx';
import { dayAndClock, fullTime, number } from '../../../ui/format.ts';
import { JsonViewer } from '../../../ui/JsonViewer.tsx';
import type { ConversationMessage } from '../hooks/conversation-reader.ts';

const ROLES = {
  user: { name: 'User', Icon: UserRound, colour: 'text-session' },
  assistant: { name: 'Assistant', Icon: Bot, colour: 'text-accent-text' },
  tool: { name: 'Tool', Icon: Wrench, colour: 'text-working' },
  system: { name: 'System', Icon: Cog, colour: 'text-muted' },
} as const;

export interface MessageItemProps {
  message: ConversationMessage;
  find: string | undefined;
  /** The one that was looked for. */
  isMarked: boolean;
}

export const MessageItem = memo(function MessageItem({ message, find, isMarked }: MessageItemProps) {
  const { name, Icon, colour } = ROLES[message.role];
  return (
    <article
      className={cx(
        'group/message border-line/60 border-b px-4 py-3',
        message.role === 'user' && 'bg-surface',
        isMarked && 'shadow-[inset_3px_0_0_var(--accent)]',
      )}
    >
      <header className="mb-1 flex h-6 items-center gap-2 text-[11px] text-muted">
        <Icon aria-hidden="true" className={cx('size-4', colour)} />
        <span className={cx('font-semibold text-xs', colour)}>{name}</span>
        <time dateTime={message.timestamp} title={fullTime(message.timestamp)}>
          {dayAndClock(message.timestamp)}
        </time>
        <span className="flex-1" />
        <span className="tabular-nums">
          {number(message.token_count)} tokens · {number(message.running_tokens)} in all
        </span>
        <span className="opacity-0 group-focus-within/message:opacity-100 group-hover/message:opacity-100">
          <CopyButton text={message.content} what="Copy this message" />
        </span>
      </header>
      <ContentText text={message.content} find={find} />
      {message.metadata && Object.keys(message.metadata).length > 0 && (
        <details className="mt-2">
          <summary className="cursor-pointer text-[11px] text-faint">Metadata</summary>
          <div className="mt-1">
            <JsonViewer value={message.metadata} label="Metadata of the message" />
          </div>
        </details>
      )}
    </article>
  );
});
