/** What happens in Archon, as recorded in `archon_events` in the same transaction as the change itself. */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './base.ts';
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
  /** Messages of one append; of a repeated one, some may have been there before. */
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
  'settings.changed': z.object({ keys: z.array(z.string()) }),
  'memory.user.erased': z.object({ working: z.int(), longterm: z.int() }),
} as const satisfies Record<string, z.ZodType>;

export type EventType = keyof typeof EVENT_PAYLOADS;
export const EVENT_TYPES = Object.keys(EVENT_PAYLOADS) as [EventType, ...EventType[]];
export type EventPayload<T extends EventType> = z.infer<(typeof EVENT_PAYLOADS)[T]>;

/** An event to be recorded; the log gives it its id and time. */
export type NewEvent = { [T in EventType]: { type: T; user_id: string | null; payload: EventPayload<T> } }[EventType];

/** The place of an event in the log: a number below 2^53, as text. */
export const eventId = z.string().regex(/^\d{1,15}$/, 'must be the id of an event');

/** What a reader of the feed asks for: events after an id, of some types, of one user. */
export const eventFeedInput = z.strictObject({
  user_id: userId.optional().describe('Only events of this user; those of no user or of several are left out.'),
  types: boundedList(z.enum(EVENT_TYPES), 100).min(1).optional(),
  after_id: eventId.optional().describe('The last event seen; `Last-Event-ID` goes first.'),
});
export type EventFeedInput = z.infer<typeof eventFeedInput>;

/** An event as it lies in the log. Events are told in the order of their ids, each of them once. */
export const eventEnvelope = z.object({
  id: eventId,
  org_id: z.uuid(),
  type: z.string(),
  user_id: z.string().nullable(),
  actor: z.string(),
  payload: z.record(z.string(), z.unknown()),
  created_at: instant,
});
export type EventEnvelope = z.infer<typeof eventEnvelope>;

export const eventsContract = {
  stream: base
    .route({
      method: 'GET',
      path: '/api/events/stream',
      tags: ['events'],
      summary: 'Events as they happen, as server-sent events',
      description:
        'Begins with the next event, or after `after_id` or the `Last-Event-ID` header of a reader that was cut off. Events come in the order of their ids, each once, as soon as no event before them can be missing.',
    })
    .input(eventFeedInput)
    .output(eventIterator(eventEnvelope)),
};
