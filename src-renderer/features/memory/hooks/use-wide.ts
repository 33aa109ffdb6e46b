import { useSyncExternalStore } from 'react';

/** From this width on the side panel has a place of its own beside the list. */
const wide = matchMedia('(min-width: 1280px)');

export function useWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      wide.addEventListener('change', listener);
      return () => wide.removeEventListener('change', listener);
    },
    () => wide.matches,
  );
}
