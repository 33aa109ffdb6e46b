import { useCallback, useEffect, useRef } from 'react';

/** Does something once within so long, however often it is asked for. */
export function useSoon(act: () => void, within_ms: number): () => void {
  const current = useRef(act);
  current.current = act;
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
    }, within_ms);
  }, [within_ms]);
}
