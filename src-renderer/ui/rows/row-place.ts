/** Keeps what somebody reads in a long list where it is while rows come and go above it. */

export interface Row {
  id: string;
}

/** A row of the list, and where it was when it was last met. */
export interface RowPlace {
  id: string | undefined;
  index: number;
}

/** Kept rows on each side that say whether a row is still in its order. */
const NEIGHBOURS = 20;

/** Where the row is now; when it is gone, the row in its place. */
export function placeIn(rows: readonly Row[], { id, index }: RowPlace): number {
  const inPlace = Math.min(index, Math.max(0, rows.length - 1));
  if (id === undefined || rows[index]?.id === id) return inPlace;
  const found = rows.findIndex((row) => row.id === id);
  return found >= 0 ? found : inPlace;
}

export interface KeptPlace {
  /** Where the list must be scrolled to. */
  top_px: number;
  /** Rows that are new above what is in sight. */
  came: string[];
  gone: string[];
}

/**
 * @param top_px how far the list is scrolled, in rows of `row_px` each
 */
export function keptPlace(before: readonly Row[], after: readonly Row[], top_px: number, row_px: number): KeptPlace {
  const first = Math.min(before.length, Math.floor(top_px / row_px));
  // Most of a long list is as it was: only what lies between is compared.
  const start = commonStart(before, after);
  const end = commonEnd(before, after, start);
  const changedBefore = before.slice(start, before.length - end);
  const changedAfter = after.slice(start, after.length - end);
  const placeAfter = new Map(changedAfter.map(({ id }, index) => [id, start + index]));
  const idsBefore = new Set(changedBefore.map(({ id }) => id));
  const gone = changedBefore.filter(({ id }) => !placeAfter.has(id)).map(({ id }) => id);
  const place = placeOf(first);
  const came = after
    .slice(start, Math.min(place, after.length - end))
    .filter(({ id }) => !idsBefore.has(id))
    .map(({ id }) => id);
  return { top_px: top_px + (place - first) * row_px, came, gone };

  /** Where the row is now; of one that is gone, or went to another place, the next that stayed in its order. */
  function placeOf(index: number): number {
    if (index < start) return index;
    if (index >= before.length - end) return index + after.length - before.length;
    const above = keptPlaces(index - 1, -1).toReversed();
    const below = keptPlaces(index, 1);
    // All that is below the change follows it in order.
    if (below.length < NEIGHBOURS) below.push(after.length - end);
    const inOrder = lengthsInOrder([...above, ...below]).slice(above.length);
    return below[inOrder.indexOf(Math.max(...inOrder))] ?? index;
  }

  /** Where the nearest kept rows are now, from one row of the change on. */
  function keptPlaces(from: number, step: 1 | -1): number[] {
    const places: number[] = [];
    for (let at = from; at >= start && at < before.length - end && places.length < NEIGHBOURS; at += step) {
      const found = placeAfter.get(before[at]?.id ?? '');
      if (found !== undefined) places.push(found);
    }
    return places;
  }
}

/** For each place, how many of them at most are in rising order with it. A row that moved is in order with few. */
function lengthsInOrder(places: readonly number[]): number[] {
  const upTo: number[] = [];
  for (const place of places) {
    upTo.push(1 + Math.max(0, ...upTo.filter((_, earlier) => (places[earlier] ?? 0) < place)));
  }
  const from: number[] = [];
  for (let at = places.length - 1; at >= 0; at -= 1) {
    const place = places[at] ?? 0;
    from[at] =
      1 + places.reduce((most, one, later) => (later > at && one > place ? Math.max(most, from[later] ?? 0) : most), 0);
  }
  return places.map((_, at) => (upTo[at] ?? 0) + (from[at] ?? 0) - 1);
}

function commonStart(before: readonly Row[], after: readonly Row[]): number {
  const most = Math.min(before.length, after.length);
  let length = 0;
  while (length < most && before[length]?.id === after[length]?.id) length += 1;
  return length;
}

function commonEnd(before: readonly Row[], after: readonly Row[], start: number): number {
  const most = Math.min(before.length, after.length) - start;
  let length = 0;
  while (length < most && before[before.length - 1 - length]?.id === after[after.length - 1 - length]?.id) length += 1;
  return length;
}
