import { useSyncExternalStore } from 'react';

const SECOND_MS = 1000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for everything on the page that counts seconds. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const tell of listeners) tell();
  }, SECOND_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

const thisSecond = (): number => Math.floor(Date.now() / SECOND_MS) * SECOND_MS;

/** The present second, in milliseconds since the epoch; the component is drawn anew with each. */
export const useNow = (): number => useSyncExternalStore(subscribe, thisSecond);
