/** Gives the keyboard back after a dialog that no button of its own has opened: by a key, a menu, the palette. */
import { useRef } from 'react';

const COVERS = '[role="dialog"], [role="alertdialog"], [role="menu"]';
let outside: HTMLElement | undefined;
document.addEventListener('focusin', ({ target }) => {
  if (target instanceof HTMLElement && target.closest(COVERS) === null) outside = target;
});

const isNowhere = (): boolean => document.activeElement === null || document.activeElement === document.body;

/** Whether a menu has the focus, which closes with what was chosen in it. */
const isInMenu = (): boolean => document.activeElement?.closest('[role="menu"]') != null;

/** Where the focus is or, when a dialog has just let go of it or a menu is about to, was before. */
export const currentFocus = (): Element | null =>
  isNowhere() || isInMenu() ? (outside ?? null) : document.activeElement;

/**
 * Focuses what was given or, when it is gone, what had the focus last outside of dialogs and menus, or the view as a
 * whole. Does nothing when something has taken the focus meanwhile.
 */
export function returnFocus(first?: Element | null): void {
  if (!isNowhere()) return;
  const target = [first, outside, document.getElementById('main')].find(
    (one) => one instanceof HTMLElement && one !== document.body && one.isConnected,
  );
  if (target instanceof HTMLElement) target.focus({ preventScroll: true });
}

/** Handlers for a dialog of Radix, which by itself returns the focus to its own trigger only. */
export function useReturnFocus(): { onOpenAutoFocus(): void; onCloseAutoFocus(event: Event): void } {
  const before = useRef<Element>(null);
  return {
    onOpenAutoFocus: () => {
      before.current = currentFocus();
    },
    onCloseAutoFocus: (event) => {
      event.preventDefault();
      returnFocus(before.current);
    },
  };
}
