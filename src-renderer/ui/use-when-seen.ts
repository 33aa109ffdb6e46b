import { useCallback, useEffect, useRef } from 'react';

/** @returns asks now while the page is seen; asked for while it is hidden, asks once as soon as it is seen again */
export function useWhenSeen(ask: () => void): () => void {
  const current = useRef(ask);
  current.current = ask;
  const isOwed = useRef(false);
  useEffect(() => {
    const onChange = () => {
      if (document.visibilityState !== 'visible' || !isOwed.current) return;
      isOwed.current = false;
      current.current();
    };
    document.addEventListener('visibilitychange', onChange);
    return () => document.removeEventListener('visibilitychange', onChange);
  }, []);
  return useCallback(() => {
    if (document.visibilityState === 'visible') current.current();
    else isOwed.current = true;
  }, []);
}
