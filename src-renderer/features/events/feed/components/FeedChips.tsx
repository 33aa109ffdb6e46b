import { X } from 'lucide-react';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import type { FeedSearchControl } from '../hooks/use-feed-search.ts';
import { momentOf } from '../model/event-time.ts';

/** What is filtered now, each to be taken away. */
export function FeedChips({ search, set }: FeedSearchControl) {
  const { type = [], user, q, from, to } = search;
  const chips: { key: string; text: string; remove(): void }[] = [
    ...type.map((one) => ({
      key: `type ${one}`,
      text: one,
      remove: () => {
        const rest = type.filter((other) => other !== one);
        set({ type: rest.length === 0 ? undefined : rest });
      },
    })),
    ...(user === undefined ? [] : [{ key: 'user', text: `user ${user}`, remove: () => set({ user: undefined }) }]),
    ...(q === undefined ? [] : [{ key: 'q', text: `“${q}”`, remove: () => set({ q: undefined }) }]),
    ...(from === undefined
      ? []
      : [{ key: 'from', text: `from ${momentOf(from)}`, remove: () => set({ from: undefined }) }]),
    ...(to === undefined ? [] : [{ key: 'to', text: `before ${momentOf(to)}`, remove: () => set({ to: undefined }) }]),
  ];
  if (chips.length === 0) return null;
  return (
    <ul aria-label="Filters that are set" className="flex max-h-16 flex-wrap gap-1 overflow-y-auto">
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
