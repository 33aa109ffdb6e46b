/** Reads out of the event log how the state of one worker changed. */
import { z } from 'zod';
import type { EventEnvelope } from '../../../src-contract/index.ts';

/** Changes that are shown. */
export const SHOWN = 20;
/** Pages that are read for them: a search looks through a part of the log for each, and may find nothing in it. */
export const PAGES = 5;

const payload = z.object({ worker: z.string(), from: z.string(), to: z.string(), reason: z.string().nullable() });

/** A worker was paused, taken out of service, or put back. */
export interface StateChange {
  event_id: string;
  created_at: string;
  to: string;
  reason: string | null;
}

export interface StateChanges {
  changes: StateChange[];
  /** The log was read to its end: there are no others. */
  isWhole: boolean;
}

export type ReadPage = (
  cursor: string | undefined,
) => Promise<{ items: readonly EventEnvelope[]; next_cursor: string | null }>;

/** The last changes of its state, newest first, as far back as some pages go. */
export async function readStateChanges(worker: string, read: ReadPage): Promise<StateChanges> {
  const changes: StateChange[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES && changes.length < SHOWN; page += 1) {
    const { items, next_cursor } = await read(cursor);
    changes.push(...items.flatMap((event) => changeOf(event, worker)));
    if (next_cursor === null) return { changes, isWhole: true };
    cursor = next_cursor;
  }
  return { changes, isWhole: false };
}

/** The search looks for the name anywhere in the event: others may hold it as well. */
function changeOf(event: EventEnvelope, worker: string): StateChange[] {
  const parsed = payload.safeParse(event.payload);
  if (!parsed.success || parsed.data.worker !== worker) return [];
  return [{ event_id: event.id, created_at: event.created_at, to: parsed.data.to, reason: parsed.data.reason }];
}
