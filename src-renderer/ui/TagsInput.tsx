import { X } from 'lucide-react';
import { type ComponentProps, type KeyboardEvent, useRef, useState } from 'react';
import { visibleText } from './content/visible-text.ts';
import { TextInput } from './fields.tsx';

export interface TagsInputProps extends Omit<ComponentProps<'input'>, 'value' | 'onChange'> {
  value: readonly string[];
  onChange(tags: string[]): void;
  /** The tags of what is typed. */
  parse(text: string): string[];
}

/** Tags one by one, each to be taken away; what is typed becomes a tag with Enter, or when the field is left. */
export function TagsInput({ value, onChange, parse, ...rest }: TagsInputProps) {
  const [typed, setTyped] = useState('');
  const inputRef = useRef<HTMLInputElement>(null);
  const add = () => {
    const tags = parse(typed);
    if (tags.length > 0) onChange([...new Set([...value, ...tags])]);
    setTyped('');
  };
  const remove = (tag: string) => {
    onChange(value.filter((one) => one !== tag));
    inputRef.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = value.at(-1);
    if (event.key === 'Enter' && typed.trim() !== '') {
      // With Ctrl or Cmd it is also for the form around it, which saves.
      if (!event.ctrlKey && !event.metaKey) event.preventDefault();
      add();
    } else if (event.key === 'Backspace' && typed === '' && last !== undefined) remove(last);
    else if (event.key === 'Escape' && typed !== '') {
      // The first Esc takes back what is typed, the next leaves.
      event.preventDefault();
      event.stopPropagation();
      setTyped('');
    }
  };
  return (
    <div className="space-y-1.5">
      {value.length > 0 && (
        <ul aria-label="Tags" className="flex max-h-40 flex-wrap gap-1 overflow-y-auto">
          {value.map((tag) => (
            <li
              key={tag}
              title={tag}
              className="flex h-5 max-w-full items-center gap-0.5 rounded border border-line bg-raised pr-0.5 pl-1.5 text-[11px] text-muted"
            >
              <span dir="auto" className="one-line max-w-48">
                {visibleText(tag)}
              </span>
              <button
                type="button"
                aria-label={`Remove tag ${tag}`}
                onClick={() => remove(tag)}
                className="rounded p-0.5 text-faint hover:text-text"
              >
                <X aria-hidden="true" className="size-3" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <TextInput
        {...rest}
        ref={inputRef}
        dir="auto"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={add}
      />
    </div>
  );
}
