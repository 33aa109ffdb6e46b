/** Keeps what somebody reads in a long list where it is while rows come and go above it. */

interface Row {
  id: string;
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

  /** Where the row is now; of one that is gone, the next that is still there. */
  function placeOf(index: number): number {
    if (index < start) return index;
    for (let at = index; at < before.length - end; at += 1) {
      const found = placeAfter.get(before[at]?.id ?? '');
      if (found !== undefined) return found;
    }
    return Math.max(index, before.length - end) + after.length - before.length;
  }
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
