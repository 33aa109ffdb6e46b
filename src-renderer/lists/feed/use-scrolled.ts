import { type RefObject, useEffect, useRef } from 'react';
import type { FeedReader } from './feed-reader.ts';
import type { FeedItem } from './feed-rows.ts';

/** Scrolled less than so far, the newest are in sight. */
const TOP_PX = 4;

/**
 * Tells the reader whether somebody reads further down, and when they are at the top again.
 *
 * @param list another one when the element that scrolls is made anew
 */
export function useScrolled<T extends FeedItem>(
  reader: FeedReader<T>,
  list?: string | number | boolean,
): RefObject<HTMLDivElement | null> {
  const scrollRef = useRef<HTMLDivElement>(null);
  const hasRows = reader.state().rows.length > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the element is another one with another list.
  useEffect(() => {
    const element = scrollRef.current;
    reader.isScrolled = () => (scrollRef.current?.scrollTop ?? 0) >= TOP_PX;
    if (!hasRows || element === null) return;
    const onScroll = () => {
      if (element.scrollTop < TOP_PX && reader.state().held > 0) reader.flush();
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, [reader, hasRows, list]);
  return scrollRef;
}
