/** What happens in Archon, as recorded in `archon_events` in the same transaction as the change itself. */
import { z } from 'zod';
import { boundedList } from './bounded-list.ts';
import { memoryLayer } from './entities.ts';
import { instant, userId } from './primitives.ts';

const memoryChange = z.object({ memory_id: z.uuid(), memory_type: z.string() });

const sessionChange = z.object({ session_id: z.string() });

/** Payload of each event by its type. */
export const EVENT_PAYLOADS = {
  'memory.session.created': sessionChange,
  'memory.session.updated': sessionChange,
  'memory.session.deleted': sessionChange,
  'memory.message.added': sessionChange.extend({ message_ids: z.array(z.string()) }),
  'memory.context.assembled': z.object({
    session_id: z.string().nullable(),
    total_tokens: z.int(),
    status: z.string(),
  }),
  'memory.working.created': memoryChange,
  'memory.working.updated': memoryChange,
  'memory.working.deleted': memoryChange,
  'memory.working.restored': memoryChange,
  'memory.longterm.created': memoryChange,
  'memory.longterm.updated': memoryChange,
  'memory.longterm.superseded': memoryChange.extend({ superseded_by: z.uuid() }),
  'memory.longterm.deleted': memoryChange,
  'memory.longterm.restored': memoryChange,
  'memory.link.created': z.object({ from_id: z.uuid(), to_id: z.uuid(), relation: z.string() }),
  'memory.link.removed': z.object({ from_id: z.uuid(), to_id: z.uuid(), relation: z.string() }),
  'memory.imported': z.object({ layer: memoryLayer, count: z.int().positive() }),
  'memory.user.erased': z.object({ working: z.int(), longterm: z.int() }),
} as const satisfies Record<string, z.ZodType>;

export type EventType = keyof typeof EVENT_PAYLOADS;
export type EventPayload<T extends EventType> = z.infer<(typeof EVENT_PAYLOADS)[T]>;

/** An event to be recorded; the log gives it its id and time. */
export type NewEvent = { [T in EventType]: { type: T; user_id: string | null; payload: EventPayload<T> } }[EventType];

/** What a reader of the feed asks for: events after an id, of some types, of one user. */
export const eventFeedInput = z.strictObject({
  user_id: userId.optional(),
  types: boundedList(z.string(), 100).optional(),
  after_id: z.string().regex(/^\d+$/).optional(),
});
export type EventFeedInput = z.infer<typeof eventFeedInput>;

/** An event as it lies in the log. `id` grows with every event of the database. */
export const eventEnvelope = z.object({
  id: z.string().regex(/^\d+$/),
  org_id: z.uuid(),
  type: z.string(),
  user_id: z.string().nullable(),
  actor: z.string(),
  payload: z.record(z.string(), z.unknown()),
  created_at: instant,
});
export type EventEnvelope = z.infer<typeof eventEnvelope>;
