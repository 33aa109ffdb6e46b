/** Finding in a conversation: which messages hold the text, and the way from one to the next. */
import { ChevronDown, ChevronUp } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useKeys } from '../../../app/shortcuts/use-keys.ts';
import { IconButton } from '../../../ui/Button.tsx';
import { SearchInput } from '../../../ui/fields.tsx';
import { number } from '../../../ui/format.ts';
import { useDebounced } from '../../../ui/use-debounced.ts';
import type { ConversationMessage } from '../hooks/conversation-reader.ts';

interface Finder {
  typed: string;
  setTyped(text: string): void;
  find: string;
  /** Places of the messages that hold it. */
  matches: readonly number[];
  at: number;
  go(step: number): void;
}

export function useFinder(messages: readonly ConversationMessage[], show: (index: number) => void): Finder {
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

export function FindBar({ finder }: { finder: Finder }) {
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
      <span role="status" className="shrink-0 px-2 text-[11px] text-muted tabular-nums empty:px-0">
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
