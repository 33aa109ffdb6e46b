/** Follows the engine's events while the page is open, and tells the parts of the page that want to know. */
import { useEffect, useRef } from 'react';
import type { EventEnvelope } from '../../src-contract/index.ts';
import { client } from './client.ts';
import { useConnection } from './connection.ts';
import { followEvents } from './follow-events.ts';
import { tellAll } from './tell-all.ts';

type Listener = (event: EventEnvelope) => void;

/** Before the stream is asked for again after it broke. */
const PAUSE_MS = 500;
const listeners = new Set<Listener>();
const gapListeners = new Set<() => void>();

/**
 * Keeps the stream open. Used once, by the frame of the app.
 *
 * @param source counts the databases that were shown: each has events of its own, which begin anew
 */
export function useLiveEvents(source: number): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another source, another stream.
  useEffect(() => {
    const controller = new AbortController();
    void followEvents(
      {
        open: (input, signal) => client.events.stream(input, { signal }),
        onEvent: (event) => tellAll(listeners, event),
        onGap: () => tellAll(gapListeners),
        pause: untilOnline,
      },
      controller.signal,
    );
    return () => controller.abort();
  }, [source]);
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

/** Waits a moment, and until the engine can be reached. */
export async function untilOnline(signal: AbortSignal): Promise<void> {
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
