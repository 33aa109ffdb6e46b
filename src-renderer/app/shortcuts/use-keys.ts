/** Listens for keys on the whole page, but not while somebody writes or a dialog is open. */
import { useEffect, useRef } from 'react';
import { useDialogs } from '../dialog-store.ts';
import { usePalette } from '../palette/palette-store.ts';
import { useShortcutSheet } from './shortcuts.ts';

type Handlers = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/**
 * @param handlers by key, such as `mod+k`, `?` or `1`; `mod` is Ctrl or ⌘
 * @param isOurs the browser does not get these keys while a dialog has the others: Ctrl K would leave for its address bar
 */
export function useKeys(handlers: Handlers, isOurs = false): void {
  const current = useRef(handlers);
  current.current = handlers;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey) return;
      const mod = event.ctrlKey || event.metaKey;
      const handler = current.current[`${mod ? 'mod+' : ''}${event.key.toLowerCase()}`];
      if (handler === undefined || (!mod && isWriting(event.target))) return;
      const mayAct = !event.repeat && !isCovered();
      if (mayAct || (isOurs && mod)) event.preventDefault();
      if (mayAct) handler(event);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [isOurs]);
}

export function useGlobalKeys(): void {
  useKeys(
    {
      'mod+k': () => usePalette.getState().open(),
      '?': () => useShortcutSheet.getState().set(true),
      'mod+i': () => useDialogs.getState().open('import'),
      'mod+e': () => useDialogs.getState().open('export'),
    },
    true,
  );
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** A dialog or menu has the keys for itself. */
function isCovered(): boolean {
  return (
    document.querySelector(
      '[role="dialog"][data-state="open"]:not([data-passive]), [role="alertdialog"], [role="menu"]',
    ) !== null
  );
}
