import { FilterChips, without } from '../../../../ui/filters/FilterChips.tsx';
import { momentOf } from '../../../../ui/moment.ts';
import type { FeedSearchControl } from '../hooks/use-feed-search.ts';

/** What is filtered now. */
export function FeedChips({ search, set }: FeedSearchControl) {
  const { type = [], user, q, from, to } = search;
  const chips = [
    ...type.map((one) => ({
      key: `type ${one}`,
      text: one,
      remove: () => set({ type: without(type, one) }),
    })),
    ...(user === undefined ? [] : [{ key: 'user', text: `user ${user}`, remove: () => set({ user: undefined }) }]),
    ...(q === undefined ? [] : [{ key: 'q', text: `“${q}”`, remove: () => set({ q: undefined }) }]),
    ...(from === undefined
      ? []
      : [{ key: 'from', text: `from ${momentOf(from)}`, remove: () => set({ from: undefined }) }]),
    ...(to === undefined ? [] : [{ key: 'to', text: `before ${momentOf(to)}`, remove: () => set({ to: undefined }) }]),
  ];
  return <FilterChips chips={chips} />;
}
