/** What a conversation is called and how long it lives, the ways through it, and how it is forgotten. */

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowDownToLine, ArrowUpToLine, CalendarClock, Trash2 } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { toast } from 'sonner';
import type { Session } from '../../../../src-contract/index.ts';
import { useReadOnly } from '../../../app/read-only.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { tellIfQueued } from '../../../rpc/queued.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { Confirm } from '../../../ui/Dialog.tsx';
import { Field, TextInput } from '../../../ui/fields.tsx';
import { dayAndClock, plural } from '../../../ui/format.ts';
import { Ago } from '../../../ui/Time.tsx';
import type { ConversationMessage } from '../hooks/conversation-reader.ts';
import { useMemorySearch } from '../hooks/use-memory-search.ts';
import { dropSession } from '../hooks/use-sessions.ts';

export function ConversationHeading({
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
  const queryClient = useQueryClient();
  const { set } = useMemorySearch();
  const readOnly = useReadOnly();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  // A session that was linked to may lie outside the part of the list that was read.
  const read = useQuery(
    api.sessions.get.queryOptions({
      input: { session_id, message_limit: 0, track_access: false },
      enabled: known === undefined,
    }),
  );
  const session = known ?? read.data;
  const remove = async () => {
    setBusy(true);
    try {
      const answer = await client.sessions.delete({ session_id });
      if (!tellIfQueued(answer)) toast.success('The session was forgotten.');
      setAsking(false);
      dropSession(queryClient, session_id);
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
      <IconButton
        label="Forget this session"
        blocked={readOnly}
        icon={<Trash2 className="size-4" />}
        onClick={() => setAsking(true)}
      />
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
