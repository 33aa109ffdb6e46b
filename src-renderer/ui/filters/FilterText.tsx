import { type RefObject, useEffect, useRef, useState } from 'react';
import { SearchInput } from '../fields.tsx';
import { useDebounced } from '../use-debounced.ts';

/** Milliseconds after the last key in which a filter is not set yet. */
const TYPING_MS = 250;

export interface FilterTextProps {
  label: string;
  placeholder?: string;
  /** As the URL has it. */
  value: string | undefined;
  /** When the typing rests; nothing for a filter that is empty. */
  onChange(value: string | undefined): void;
  maxLength?: number;
  inputRef: RefObject<HTMLInputElement | null>;
}

/** A text to filter by, as it is typed. */
export function FilterText({ label, placeholder = label, value = '', onChange, maxLength, inputRef }: FilterTextProps) {
  const [typed, setTyped] = useState(value);
  const rested = useDebounced(typed, TYPING_MS);
  const sent = useRef(value);
  const change = useRef(onChange);
  change.current = onChange;
  useEffect(() => {
    // Spaces alone find nothing and are no filter; at the end of words they stay, for more may follow.
    const next = rested.trim() === '' ? '' : rested;
    if (next === sent.current) return;
    sent.current = next;
    change.current(next === '' ? undefined : next);
  }, [rested]);
  // Changed from elsewhere: a chip, "back", another list.
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    setTyped(value);
  }, [value]);
  return (
    <SearchInput
      ref={inputRef}
      className="min-w-32 flex-1"
      aria-label={label}
      placeholder={placeholder}
      maxLength={maxLength}
      value={typed}
      onChange={setTyped}
    />
  );
}
