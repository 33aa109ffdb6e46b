import { useCallback, useEffect, useRef } from 'react';

/**
 * One call for everything that happens within a short while.
 *
 * @param ms between the first time it is asked for and the call
 * @returns asks for the call; it never comes once the component is gone
 */
export function useSoon(work: () => void, ms: number): () => void {
  const current = useRef(work);
  current.current = work;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      current.current();
    }, ms);
  }, [ms]);
}
