import { type KeyboardEvent as ReactKeyboardEvent, useEffect, useRef } from 'react';

/** Places beside a drawer that have no use of their own for the key: the list or the card it was opened from. */
const BESIDE = '[role="grid"], article';

/**
 * Closes a drawer with Esc: from inside it, from what it was opened from, and from nowhere, where the focus falls to when
 * what had it is disabled or goes. Whoever has its own use for the key, such as a dialog, prevents its default first.
 *
 * @returns the handler for keys inside the drawer
 */
export function useEscape(close: () => void): (event: ReactKeyboardEvent) => void {
  const current = useRef(close);
  current.current = close;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented && isBeside(document.activeElement)) current.current();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  return (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    // Closed once: on its way up, the listener above gets the same key.
    event.preventDefault();
    close();
  };
}

const isBeside = (focused: Element | null): boolean =>
  focused === null || focused === document.body || focused.closest(BESIDE) !== null;
