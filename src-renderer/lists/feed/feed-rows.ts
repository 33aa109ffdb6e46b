/** Rows of a feed: newest first, each event once, and without a hole between the first and the last. */

/** An event, or an entry of a log: its ids grow with time. */
export interface FeedItem {
  id: string;
  created_at: string;
}

export interface FeedPage<T> {
  items: readonly T[];
  next_cursor: string | null;
}

/** Where the rows go on after the last: with a cursor, from the top over what is known already, or nowhere. */
export type Older = { at: 'cursor'; cursor: string } | { at: 'top' } | { at: 'end' };

export interface FeedRows<T> {
  rows: readonly T[];
  older: Older;
}

export const idOf = ({ id }: Pick<FeedItem, 'id'>): number => Number(id);
const after = (next_cursor: string | null): Older =>
  next_cursor === null ? { at: 'end' } : { at: 'cursor', cursor: next_cursor };

/** Both lists as one; each is newest first already. */
export function merged<T extends FeedItem>(one: readonly T[], other: readonly T[]): readonly T[] {
  if (other.length === 0) return one;
  const all: T[] = [];
  let at = 0;
  for (const event of other) {
    for (let left = one[at]; left !== undefined && idOf(left) > idOf(event); left = one[at]) {
      all.push(left);
      at += 1;
    }
    if (one[at]?.id !== event.id) all.push(event);
  }
  return all.concat(one.slice(at));
}

/** At most so many; the oldest go, and are read again from the log by whoever scrolls down to them. */
export function trimmed<T extends FeedItem>({ rows, older }: FeedRows<T>, most: number): FeedRows<T> {
  return rows.length <= most ? { rows, older } : { rows: rows.slice(0, most), older: { at: 'top' } };
}

/** With a page that follows the rows, or that was read on the way to them from the top. */
export function withOlder<T extends FeedItem>(
  { rows, older }: FeedRows<T>,
  { items, next_cursor }: FeedPage<T>,
): FeedRows<T> {
  const last = rows.at(-1);
  const [newest] = items;
  const isBehind = last === undefined || items.some((event) => idOf(event) <= idOf(last));
  const isBelow = older.at === 'cursor' || isBehind || next_cursor === null;
  if (newest === undefined) return { rows, older: isBelow ? after(next_cursor) : older };
  const below = last === undefined ? items : items.filter((event) => idOf(event) < idOf(last));
  return { rows: below.length === 0 ? rows : [...rows, ...below], older: isBelow ? after(next_cursor) : older };
}

/**
 * With the newest part of the log, read again from the top.
 *
 * @param floor rows down to this event are known to be whole: what was read joins them when it reaches so far
 */
export function joined<T extends FeedItem>(
  { rows, older }: FeedRows<T>,
  { items, next_cursor }: FeedPage<T>,
  floor: number | undefined,
): FeedRows<T> & { isAnew: boolean } {
  const last = items.at(-1);
  const anew = { rows: items, older: after(next_cursor), isAnew: true };
  if (next_cursor === null || last === undefined || floor === undefined) return anew;
  if (idOf(last) > floor || !isSameLog(rows, items)) return anew;
  return { rows: merged(rows, items), older, isAnew: false };
}

/** Ids begin again in another database, such as one that was restored. */
function isSameLog<T extends FeedItem>(rows: readonly T[], items: readonly T[]): boolean {
  const [shown, read] = [rows[0], items[0]];
  if (shown === undefined || read === undefined) return true;
  if (idOf(read) < idOf(shown)) return false;
  const times = new Map(rows.map(({ id, created_at }) => [id, created_at]));
  return items.every(({ id, created_at }) => (times.get(id) ?? created_at) === created_at);
}
