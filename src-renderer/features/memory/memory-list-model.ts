/**
 * A list that is read page by page while others write.
 *
 * What the server answered is kept as it was answered; what is known of single items since lies over it. Both carry the
 * number of their question: the later question knows better, in whatever order the answers come. So a page that was
 * asked for before a change and arrives after it does not bring the old back.
 */

/** An answer of the server, in the order of the list. */
export interface ListPage<T> {
  items: readonly T[];
  /** Number of the question, see {@link nextSeq}. */
  seq: number;
}

/** What is known of one item: how it is now, or null when the list does not show it. */
export interface Patch<T> {
  seq: number;
  item: T | null;
  /** New, and not to be shown before somebody asks. */
  held: boolean;
}

export type Patches<T> = ReadonlyMap<string, Patch<T>>;

/** The order of a list: negative when `a` stands before `b`. */
export type Compare<T> = (a: T, b: T) => number;

let questions = 0;

/** To be taken before a question is sent. */
export function nextSeq(): number {
  questions += 1;
  return questions;
}

/** Lays answers about single items over what is known of them. */
export function withPatches<T>(
  patches: Patches<T>,
  answers: ReadonlyMap<string, T | null>,
  seq: number,
  isHeld: (id: string, item: T) => boolean = () => false,
): Patches<T> {
  const next = new Map(patches);
  for (const [id, item] of answers) {
    const known = next.get(id);
    if (known !== undefined && known.seq > seq) continue;
    next.set(id, { seq, item, held: item !== null && (known?.held || isHeld(id, item)) });
  }
  return next;
}

/** Shows what was held back. */
export function released<T>(patches: Patches<T>): Patches<T> {
  return new Map([...patches].map(([id, patch]) => [id, patch.held ? { ...patch, held: false } : patch]));
}

/** Items that are held back and in no page. */
export function heldCount<T extends { id: string }>(pages: readonly ListPage<T>[], patches: Patches<T>): number {
  const held = new Set([...patches].flatMap(([id, { held }]) => (held ? [id] : [])));
  if (held.size === 0) return 0;
  for (const { items } of pages) for (const { id } of items) held.delete(id);
  return held.size;
}

/** What is to be forgotten once no question is open: patches that a later page, or a page yet to come, makes needless. */
export function pruned<T extends { id: string }>(
  pages: readonly ListPage<T>[],
  patches: Patches<T>,
  compare: Compare<T>,
  isWhole: boolean,
): Patches<T> {
  if (patches.size === 0) return patches;
  const latest = latestSeqs(pages);
  const end = endOf(pages, isWhole);
  const kept = [...patches].filter(([id, { seq, item }]) => {
    const read = latest.get(id);
    if (read !== undefined) return seq > read;
    return item !== null && isWithin(item, end, compare);
  });
  return kept.length === patches.size ? patches : new Map(kept);
}

/**
 * The items to show: those of the pages as they are known now, and new ones at their place, as far as the pages reach.
 *
 * @param isWhole there is no page after these
 */
export function overlay<T extends { id: string }>(
  pages: readonly ListPage<T>[],
  patches: Patches<T>,
  compare: Compare<T>,
  isWhole: boolean,
): T[] {
  const latest = latestSeqs(pages);
  const end = endOf(pages, isWhole);
  const rows: T[] = [];
  const added: T[] = [];
  const placed = new Set<string>();
  for (const page of pages) {
    for (const item of page.items) {
      // An item that moved between two readings is in two pages.
      if (latest.get(item.id) !== page.seq || placed.has(item.id)) continue;
      placed.add(item.id);
      const patch = patches.get(item.id);
      if (patch === undefined || patch.seq < page.seq) rows.push(item);
      else if (patch.item === null) continue;
      else if (compare(patch.item, item) === 0) rows.push(patch.item);
      else if (isWithin(patch.item, end, compare)) added.push(patch.item);
    }
  }
  for (const [id, { item, held }] of patches) {
    if (item !== null && !held && !placed.has(id) && isWithin(item, end, compare)) added.push(item);
  }
  return added.length === 0 ? rows : merged(rows, added.sort(compare), compare);
}

/** Where an item stands, or would stand: how many come before it. */
export function placeOf<T>(rows: readonly T[], item: T, compare: Compare<T>): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(rows[middle] as T, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function latestSeqs<T extends { id: string }>(pages: readonly ListPage<T>[]): Map<string, number> {
  const latest = new Map<string, number>();
  for (const { items, seq } of pages) {
    for (const { id } of items) latest.set(id, Math.max(seq, latest.get(id) ?? 0));
  }
  return latest;
}

/** The last item of the pages, where the next one begins; undefined when there is none. */
function endOf<T>(pages: readonly ListPage<T>[], isWhole: boolean): T | undefined {
  return isWhole ? undefined : pages.at(-1)?.items.at(-1);
}

function isWithin<T>(item: T, end: T | undefined, compare: Compare<T>): boolean {
  return end === undefined || compare(item, end) <= 0;
}

function merged<T>(rows: readonly T[], added: readonly T[], compare: Compare<T>): T[] {
  const result: T[] = [];
  let from = 0;
  for (const item of added) {
    // Scores fade between two readings, so rows may be out of order by a hair: never back.
    const place = Math.max(from, placeOf(rows, item, compare));
    for (; from < place; from += 1) result.push(rows[from] as T);
    result.push(item);
  }
  for (; from < rows.length; from += 1) result.push(rows[from] as T);
  return result;
}
