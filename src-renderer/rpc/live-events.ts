/** Follows the engine's events while the page is open, and tells the parts of the page that want to know. */
import { useEffect, useRef } from 'react';
import type { EventEnvelope } from '../../src-contract/index.ts';
import { client } from './client.ts';
import { useConnection } from './connection.ts';

type Listener = (event: EventEnvelope) => void;

/** Before the stream is asked for again after it broke. */
const PAUSE_MS = 500;
const listeners = new Set<Listener>();
/** Called when the stream begins without knowing from where: anything may have changed since it was read. */
const gapListeners = new Set<() => void>();

/** Keeps the stream open. Used once, by the frame of the app. */
export function useLiveEvents(): void {
  useEffect(() => {
    const controller = new AbortController();
    void follow(controller.signal);
    return () => controller.abort();
  }, []);
}

/** Calls the listener with each event, as long as the component is shown. */
export function useEvents(listener: Listener): void {
  const current = useRef(listener);
  current.current = listener;
  useEffect(() => {
    const call: Listener = (event) => current.current(event);
    listeners.add(call);
    return () => {
      listeners.delete(call);
    };
  }, []);
}

/** Calls the listener when events may have been missed. */
export function useEventGaps(listener: () => void): void {
  const current = useRef(listener);
  current.current = listener;
  useEffect(() => {
    const call = () => current.current();
    gapListeners.add(call);
    return () => {
      gapListeners.delete(call);
    };
  }, []);
}

async function follow(signal: AbortSignal): Promise<void> {
  let after_id: string | undefined;
  while (!signal.aborted) {
    try {
      const stream = await client.events.stream(after_id === undefined ? {} : { after_id }, { signal });
      // The first time too: the page was reading while the stream was being opened.
      if (after_id === undefined) for (const tell of gapListeners) tell();
      for await (const event of stream) {
        after_id = event.id;
        for (const tell of listeners) tell(event);
      }
    } catch {
      // Whatever it was, the banner tells of it; here it only matters to go on afterwards.
    }
    if (!signal.aborted) await untilOnline(signal);
  }
}

async function untilOnline(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  if (useConnection.getState().state.phase === 'open') return;
  await new Promise<void>((resolve) => {
    const stop = useConnection.subscribe(({ state }) => {
      if (state.phase === 'open') done();
    });
    const done = () => {
      stop();
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done);
  });
}
