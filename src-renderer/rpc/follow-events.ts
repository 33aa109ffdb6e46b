/** Reads the stream of events for as long as the page is open, from where it was when it broke. */
import type { EventEnvelope } from '../../src-contract/index.ts';

export interface EventFollower {
  open(input: { after_id?: string }, signal: AbortSignal): Promise<AsyncIterable<EventEnvelope>>;
  onEvent(event: EventEnvelope): void;
  /**
   * The stream begins without knowing where it was: anything may have changed. So it is the first time as well, since what
   * the page shows first is read before there is a stream. And so it is when the ids begin again: another database
   * answers, such as one that was restored.
   */
  onGap(): void;
  /** Resolves when it makes sense to open the stream again. */
  pause(signal: AbortSignal): Promise<void>;
}

export async function followEvents({ open, onEvent, onGap, pause }: EventFollower, signal: AbortSignal): Promise<void> {
  let after_id: string | undefined;
  while (!signal.aborted) {
    try {
      const stream = await open(after_id === undefined ? {} : { after_id }, signal);
      if (after_id === undefined) onGap();
      for await (const event of stream) {
        if (after_id !== undefined && Number(event.id) <= Number(after_id)) onGap();
        after_id = event.id;
        onEvent(event);
      }
    } catch {
      // Whatever it was, the banner tells of it; here it only matters to go on afterwards.
    }
    if (!signal.aborted) await pause(signal);
  }
}
