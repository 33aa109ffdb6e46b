import { X } from 'lucide-react';
import { visibleText } from '../content/visible-text.ts';

export interface FilterChip {
  key: string;
  text: string;
  remove(): void;
}

/** What is filtered now, each to be taken away. */
export function FilterChips({ chips }: { chips: readonly FilterChip[] }) {
  if (chips.length === 0) return null;
  return (
    <ul aria-label="Filters that are set" className="flex max-h-16 w-full flex-wrap gap-1 overflow-y-auto">
      {chips.map(({ key, text, remove }) => (
        <li key={key}>
          <button
            type="button"
            aria-label={`Remove filter ${visibleText(text)}`}
            onClick={remove}
            className="flex max-w-56 items-center gap-1 rounded-full bg-accent-soft py-0.5 pr-1 pl-2 text-[11px] text-accent-text hover:brightness-110"
          >
            <span dir="auto" className="one-line">
              {visibleText(text)}
            </span>
            <X aria-hidden="true" className="size-3 shrink-0" />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The others of a list in the URL; nothing for none. */
export function without(list: readonly string[] | undefined, one: string): string[] | undefined {
  const rest = (list ?? []).filter((item) => item !== one);
  return rest.length === 0 ? undefined : rest;
}
