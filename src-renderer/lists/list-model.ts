/**
 * What is known of a long list that is read page by page while others write into it.
 *
 * Every reading has a number taken when it began. Pages follow one another by keyset cursors, so each covers a range of
 * the list's order that does not change; what is read later of single memories is put into the page whose range it falls
 * into. What falls behind the last page is left to the page to come, which is read later still.
 */

export interface ListItem {
  id: string;
}

/** As `Array.prototype.sort` wants it: the order of the server, which has no equals but the same memory. */
export type Order<T> = (a: T, b: T) => number;

export interface LoadedPage<T> {
  items: readonly T[];
  /** The last memory as it was when the page was read: the next page begins after it. Undefined: the list ends here. */
  end: T | undefined;
  next_cursor: string | null;
  /** When its reading began. */
  seq: number;
}

/** Some memories as they are now; null for those that do not belong into the list (any more). */
export interface Patch<T> {
  seq: number;
  memories: ReadonlyMap<string, T | null>;
}

export interface ListModel<T> {
  pages: readonly LoadedPage<T>[];
  /** The page on its way, and what was read of single memories since it was asked for. */
  coming: { seq: number; patches: readonly Patch<T>[] } | undefined;
}

export const emptyList = <T>(): ListModel<T> => ({ pages: [], coming: undefined });

/** The next page is asked for. */
export function askPage<T>(model: ListModel<T>, seq: number): ListModel<T> {
  return { ...model, coming: { seq, patches: [] } };
}

/** The page asked for does not come. */
export function losePage<T>(model: ListModel<T>): ListModel<T> {
  return { ...model, coming: undefined };
}

/** The page asked for is here. */
export function addPage<T extends ListItem>(
  model: ListModel<T>,
  answer: { items: readonly T[]; next_cursor: string | null },
  order: Order<T>,
): ListModel<T> {
  const { coming } = model;
  if (coming === undefined) return model;
  const page: LoadedPage<T> = {
    items: answer.items,
    end: answer.next_cursor === null ? undefined : answer.items.at(-1),
    next_cursor: answer.next_cursor,
    seq: coming.seq,
  };
  // What moved down while the list was read is in a page before as well, where it is no more.
  const moved = new Set(answer.items.map(({ id }) => id));
  for (const { memories } of coming.patches) for (const id of memories.keys()) moved.delete(id);
  const pages = [...model.pages.map((before) => without(before, moved)), page];
  let next: ListModel<T> = { pages, coming: undefined };
  for (const patch of coming.patches) next = applyPatch(next, patch, order);
  return next;
}

/** Single memories were read again. */
export function applyPatch<T extends ListItem>(model: ListModel<T>, patch: Patch<T>, order: Order<T>): ListModel<T> {
  // Pages that were asked for later know better.
  const newer = model.pages.filter(({ seq }) => seq > patch.seq);
  const known = new Set(newer.flatMap(({ items }) => items.map(({ id }) => id)));
  const changed = known.size === 0 ? patch.memories : new Map([...patch.memories].filter(([id]) => !known.has(id)));
  const present = [...changed.values()].filter((memory) => memory !== null).sort(order);
  let from = 0;
  const pages = model.pages.map((page) => {
    const start = from;
    while (from < present.length && isWithin(present[from] as T, page, order)) from += 1;
    return newer.includes(page) ? page : merged(page, changed, present.slice(start, from), order);
  });
  const { coming } = model;
  const isLate = coming !== undefined && patch.seq > coming.seq;
  return { pages, coming: isLate ? { ...coming, patches: [...coming.patches, patch] } : coming };
}

/** Whether the pages hold everything up to this memory's place. */
export function covers<T>({ pages }: ListModel<T>, memory: T, order: Order<T>): boolean {
  const last = pages.at(-1);
  return last !== undefined && (last.end === undefined || order(memory, last.end) <= 0);
}

export function itemsOf<T>({ pages }: Pick<ListModel<T>, 'pages'>): T[] {
  return pages.flatMap(({ items }) => items);
}

function isWithin<T>(memory: T, { end }: LoadedPage<T>, order: Order<T>): boolean {
  return end === undefined || order(memory, end) <= 0;
}

function without<T extends ListItem>(page: LoadedPage<T>, ids: ReadonlySet<string>): LoadedPage<T> {
  if (!page.items.some(({ id }) => ids.has(id))) return page;
  return { ...page, items: page.items.filter(({ id }) => !ids.has(id)) };
}

/** The page without the changed memories, and with those of them that belong into it, each at its place. */
function merged<T extends ListItem>(
  page: LoadedPage<T>,
  changed: ReadonlyMap<string, T | null>,
  own: readonly T[],
  order: Order<T>,
): LoadedPage<T> {
  if (own.length === 0 && !page.items.some(({ id }) => changed.has(id))) return page;
  const items: T[] = [];
  let next = 0;
  for (const item of page.items) {
    if (changed.has(item.id)) continue;
    while (next < own.length && order(own[next] as T, item) < 0) items.push(own[next++] as T);
    items.push(item);
  }
  return { ...page, items: [...items, ...own.slice(next)] };
}
