/** Changes of the breakers, read page by page and not again. */
import type { BreakerTransition } from '../../../../../src-contract/resilience.ts';

export interface Transitions {
  /** Newest first. */
  changes: readonly BreakerTransition[];
  /** There are older ones in the time that was asked for: so many are not read. */
  isCut: boolean;
}

export interface TransitionPage {
  items: readonly BreakerTransition[];
  next_cursor: string | null;
}

/** More could neither be told apart nor be drawn. A thousand are kept of each breaker, and there can be many webhooks. */
export const MOST_CHANGES = 5000;

/**
 * Changes since a time and what lies before it on the last page: that tells how breakers were when the time began. What
 * was read before is not read again: of most questions the first page holds all that is new.
 *
 * @param since in seconds since the epoch
 */
export async function readTransitions(
  since: number,
  read: (cursor: string | undefined) => Promise<TransitionPage>,
  before: Transitions | undefined,
): Promise<Transitions> {
  const changes: BreakerTransition[] = [];
  const newest = before?.changes[0]?.id;
  let cursor: string | undefined;
  for (;;) {
    const page = await read(cursor);
    const known = newest === undefined ? -1 : page.items.findIndex(({ id }) => id === newest);
    if (before !== undefined && known >= 0) {
      return cut([...changes, ...page.items.slice(0, known), ...before.changes], before.isCut);
    }
    changes.push(...page.items);
    const oldest = changes.at(-1);
    const isWhole = page.next_cursor === null || oldest === undefined || Date.parse(oldest.at) / 1000 < since;
    if (isWhole || changes.length >= MOST_CHANGES) return cut(changes, !isWhole);
    cursor = page.next_cursor ?? undefined;
  }
}

const cut = (changes: readonly BreakerTransition[], isCut: boolean): Transitions => ({
  changes: changes.slice(0, MOST_CHANGES),
  isCut: isCut || changes.length > MOST_CHANGES,
});
