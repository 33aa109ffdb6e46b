import { useSyncExternalStore } from 'react';
import { ago, fullTime } from './format.ts';

const EVERY_MS = 30_000;
let ticks = 0;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for all times on the page. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    ticks += 1;
    for (const tell of listeners) tell();
  }, EVERY_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** How long ago something was, kept up to date; the full time on hover. */
export function Ago({ time, className }: { time: string; className?: string }) {
  useSyncExternalStore(subscribe, () => ticks);
  return (
    <time dateTime={time} title={fullTime(time)} className={className}>
      {ago(time)}
    </time>
  );
}
