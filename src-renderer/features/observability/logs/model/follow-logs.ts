/** Reads what is logged for as long as somebody looks, from where it was when the stream broke. */
import type { LogEntry, LogTailItem } from '../../../../../src-contract/index.ts';

export interface LogFollower {
  open(input: { after_id?: string }, signal: AbortSignal): Promise<AsyncIterable<LogTailItem>>;
  onEntry(entry: LogEntry): void;
  /** Entries may be missing: what is shown must be read again. So it is at first, before there was a stream. */
  onGap(): void;
  /** Resolves when it makes sense to open the stream again. */
  pause(signal: AbortSignal): Promise<void>;
}

export async function followLogs({ open, onEntry, onGap, pause }: LogFollower, signal: AbortSignal): Promise<void> {
  let after_id: string | undefined;
  while (!signal.aborted) {
    try {
      const stream = await open(after_id === undefined ? {} : { after_id }, signal);
      if (after_id === undefined) onGap();
      for await (const item of stream) {
        if (signal.aborted) return;
        if (item.kind === 'left_out') {
          onGap();
          continue;
        }
        after_id = item.entry.id;
        onEntry(item.entry);
      }
    } catch {
      // Whatever it was, the banner tells of it; here it only matters to go on afterwards.
    }
    if (!signal.aborted) await pause(signal);
  }
}
