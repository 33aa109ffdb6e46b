/** Keeps the place of the reader of a long list while rows come and go. */
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';
import { keptPlace, type Row } from './row-place.ts';

/** Scrolled less than so far, the top is in sight. */
export const TOP_PX = 4;
const NONE: ReadonlySet<string> = new Set();

export interface Place {
  /** Rows that came above what is in sight, and have not been seen. */
  news: ReadonlySet<string>;
  onScroll(): void;
  see(ids: readonly string[]): void;
}

/**
 * Moves nothing under the reader of a scrolled list when rows come and go above, and knows which of those that came have
 * not been seen. At the top, what comes is in sight.
 */
export function usePlace(rows: readonly Row[], row_px: number, scrollRef: RefObject<HTMLDivElement | null>): Place {
  const before = useRef(rows);
  // Read when it changes: a list that got shorter has been moved by the browser already.
  const top_px = useRef(0);
  const [news, setNews] = useState(NONE);
  const see = useCallback((ids: readonly string[]) => {
    setNews((unseen) => {
      const left = new Set(unseen);
      for (const id of ids) left.delete(id);
      return left.size === unseen.size ? unseen : left;
    });
  }, []);
  useLayoutEffect(() => {
    const list = scrollRef.current;
    if (list === null || before.current === rows) return;
    const kept = keptPlace(before.current, rows, top_px.current, row_px);
    before.current = rows;
    see(kept.gone);
    if (top_px.current < TOP_PX) return;
    if (kept.came.length > 0) setNews((unseen) => new Set([...unseen, ...kept.came]));
    list.scrollTop = kept.top_px;
    top_px.current = list.scrollTop;
  }, [rows, row_px, scrollRef, see]);
  const onScroll = () => {
    const list = scrollRef.current;
    if (list === null) return;
    top_px.current = list.scrollTop;
    if (news.size === 0) return;
    if (list.scrollTop < TOP_PX) setNews(NONE);
    else {
      const end_px = list.scrollTop + list.clientHeight;
      see(rows.slice(Math.floor(list.scrollTop / row_px), Math.floor(end_px / row_px)).map(({ id }) => id));
    }
  };
  return { news, onScroll, see };
}
