import type { Virtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef } from 'react';

/** Frames in which rows may still change their height, and with it the place. */
const FRAMES = 40;
/** Frames after which a place that stayed in sight will stay. */
const STEADY_FRAMES = 4;

/**
 * Scrolls to a row and, in a row higher than the list, on to what is marked in it. Rows are measured when they are
 * drawn, so the way there takes a few frames; the person's own scrolling ends it.
 */
export function useReveal(virtual: Virtualizer<HTMLDivElement, Element>) {
  const frame = useRef(0);
  const stop = useCallback(() => cancelAnimationFrame(frame.current), []);
  useEffect(() => stop, [stop]);
  const reveal = useCallback(
    (index: number) => {
      stop();
      virtual.scrollToIndex(index, { align: 'start' });
      let steady = 0;
      const step = (left: number) => {
        const list = virtual.scrollElement;
        const mark = list?.querySelector(`[data-index="${index}"] mark`);
        if (list && mark) steady = bringIntoSight(virtual, list, mark) ? steady + 1 : 0;
        if (left > 0 && steady < STEADY_FRAMES) frame.current = requestAnimationFrame(() => step(left - 1));
      };
      frame.current = requestAnimationFrame(() => step(FRAMES));
    },
    [virtual, stop],
  );
  return { reveal, stop };
}

/** @returns whether it was in sight already */
function bringIntoSight(virtual: Virtualizer<HTMLDivElement, Element>, list: Element, mark: Element): boolean {
  // Code scrolls by itself.
  const code = mark.closest('pre');
  if (code && !isWithin(mark, code)) {
    code.scrollTop += mark.getBoundingClientRect().top - code.getBoundingClientRect().top - code.clientHeight / 3;
  }
  if (isWithin(mark, list)) return true;
  const top = mark.getBoundingClientRect().top - list.getBoundingClientRect().top + list.scrollTop;
  virtual.scrollToOffset(top - list.clientHeight / 3);
  return false;
}

function isWithin(mark: Element, frame: Element): boolean {
  const box = mark.getBoundingClientRect();
  const { top, bottom } = frame.getBoundingClientRect();
  return box.top >= top && box.bottom <= bottom;
}
