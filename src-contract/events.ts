/** What happens in Archon, as recorded in `archon_events` in the same transaction as the change itself. */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import { memoryLayer } from './entities.ts';
import { cursor, instant, pageLimit, pageOf, partOfText, timestamp, userId } from './primitives.ts';

const memoryChange = z.object({ memory_id: z.uuid(), memory_type: z.string() });

const sessionChange = z.object({ session_id: z.string() });

const linkChange = z.object({ from_id: z.uuid(), to_id: z.uuid(), relation: z.string() });

/** A run of a worker, on one node and shard. */
const workerRun = z.object({
  worker: z.string(),
  run_id: z.uuid(),
  node_id: z.string(),
  shard: z.string().nullable().describe('Which part of the users, as `1/4`; null for a run over all of them.'),
  trigger: z.enum(['schedule', 'manual', 'retry']),
});
const workerRunEnd = workerRun.extend({
  duration_ms: z.int().min(0),
  items: z.int().min(0).describe('What it looked at.'),
  changed: z.int().min(0).describe('What it changed.'),
});

/** An event that a subscriber could not handle, however often it was tried. */
const deadDelivery = z.object({
  delivery_id: z.uuid(),
  subscriber: z.string(),
  event_id: z.string().describe('The event that could not be delivered.'),
  event_type: z.string(),
});

/** Payload of each event by its type; the description says when it is recorded (`docs/reference/events.md`). */
export const EVENT_PAYLOADS = {
  'memory.session.created': sessionChange.describe('A session was begun.'),
  'memory.session.updated': sessionChange.describe(
    'The title, context or lifetime of a session was changed, or an import added messages to it.',
  ),
  'memory.session.deleted': sessionChange.describe('A session was deleted.'),
  'memory.session.expired': sessionChange.describe('What was left of a session whose time is over was removed.'),
  'memory.message.added': sessionChange
    .extend({
      message_ids: z.array(z.string()).describe('The messages that are new, in their order.'),
    })
    .describe('One append added messages to a session; imports are told of by session.'),
  'memory.context.assembled': z
    .object({ session_id: z.string().nullable(), total_tokens: z.int(), status: z.string() })
    .describe('A context was put together for an agent.'),
  'memory.working.created': memoryChange.describe('A working memory was written.'),
  'memory.working.updated': memoryChange.describe('A working memory was changed.'),
  'memory.working.deleted': memoryChange.describe('A working memory was deleted.'),
  'memory.working.restored': memoryChange.describe('A deleted working memory was brought back.'),
  'memory.longterm.created': memoryChange.describe('A long-term memory was written.'),
  'memory.longterm.updated': memoryChange.describe('A long-term memory was changed in place, such as pinned.'),
  'memory.longterm.superseded': memoryChange
    .extend({ superseded_by: z.uuid() })
    .describe('A long-term memory is no longer true: another took its place.'),
  'memory.longterm.deleted': memoryChange.describe('A long-term memory was deleted.'),
  'memory.longterm.restored': memoryChange.describe('A deleted long-term memory was brought back.'),
  'memory.link.created': linkChange.describe('Two memories were linked.'),
  'memory.link.removed': linkChange.describe('The link between two memories was removed.'),
  'memory.imported': z
    .object({ layer: z.enum([...memoryLayer.options, 'revision', 'link']), count: z.int().positive() })
    .describe('An import wrote a batch of memories, or what belongs to them: revisions, links.'),
  'memory.user.erased': z
    .object({ working: z.int(), longterm: z.int() })
    .describe('Everything about a user was erased; its sessions are told of one by one.'),
  'settings.changed': z
    .object({ keys: z.array(z.string()).describe('Such as `webhooks.<id>`; never the values.') })
    .describe('Settings were changed, among them webhooks and schedules of workers.'),
  'worker.run.started': workerRun.describe('A worker began a run.'),
  'worker.run.succeeded': workerRunEnd.describe('A worker ended a run well.'),
  'worker.run.failed': workerRunEnd
    .extend({ error: z.string(), outcome: z.enum(['failed', 'cancelled', 'crashed', 'timed_out']) })
    .describe('A run of a worker failed, was cancelled, took too long or ended with its node.'),
  'worker.state.changed': z
    .object({ worker: z.string(), from: z.string(), to: z.string(), reason: z.string().nullable() })
    .describe('A worker was paused, resumed, or taken out of service after it failed too often.'),
  'event.delivery.dead': deadDelivery
    .extend({ attempts: z.int().min(0), error_name: z.string().describe('Without its words: they may be content.') })
    .describe(
      'A subscriber failed at an event for the last time: it is in the dead letters. For subscribers that name this type; those that take all types do not get it.',
    ),
  'event.delivery.resolved': deadDelivery
    .extend({ resolution: z.enum(['replayed', 'discarded']), reason: z.string().nullable() })
    .describe(
      'A dead letter was replayed with success, or discarded. For subscribers that name this type; those that take all types do not get it.',
    ),
  'system.breaker.changed': z
    .object({
      breaker: z.string().describe('The service; of a webhook `webhook:` and its id.'),
      from: z.enum(['closed', 'open', 'half_open', 'isolated']),
      to: z.enum(['closed', 'open', 'half_open', 'isolated']),
      reason: z.string().nullable(),
      since: instant.describe('When it happened; what happens while PostgreSQL is away is recorded afterwards.'),
      failures: z.int().min(0).nullable().describe('In a row, when it opened.'),
      error: z.string().nullable().describe('What the last call failed with.'),
    })
    .describe('A circuit breaker opened, was tried with success and closed, or was isolated by a person.'),
  'system.journal.drained': z
    .object({
      store: z.enum(['database', 'sessions']),
      writes: z.int().positive().describe('Of the organisation.'),
      away_ms: z.int().min(0).describe('How long writes had to wait.'),
    })
    .describe('A store is back, and the writes that waited for it are in it.'),
  'system.journal.refused': z
    .object({
      store: z.enum(['database', 'sessions']),
      write_id: z.uuid(),
      operation: z.string(),
      error: z.string().describe('The code.'),
    })
    .describe('A queued write was refused by its store: it is kept for 30 days, for a person to look at.'),
  'system.events.dropped': z
    .object({
      source: z.enum(['sessions']),
      count: z.int().positive(),
      first_at: instant.describe('When the first of them happened.'),
      last_at: instant.describe('When the last of them happened.'),
    })
    .describe('Events could not wait any longer for the database and are not in the log; what they told of is done.'),
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

/** The longest time that {@link eventStats} looks back. */
export const MAX_STATS_MINUTES = 180;

export const eventListInput = z.strictObject({
  types: boundedList(z.enum(EVENT_TYPES), 100).min(1).optional(),
  user_id: userId.optional().describe('Only events of this user; those of no user or of several are left out.'),
  created_after: timestamp.optional().describe('From this time on.'),
  created_before: timestamp.optional().describe('Before this time.'),
  text: partOfText.optional().describe('Part of the payload as JSON, upper and lower case alike.'),
  cursor: cursor.optional(),
  limit: pageLimit,
});
export type EventListInput = z.input<typeof eventListInput>;

export const eventStats = z.object({
  from: instant.describe('The first minute counted.'),
  total: z.int().min(0).describe('Events since then.'),
  minutes: z.array(z.object({ minute: instant, count: z.int().min(0) })).describe('Oldest first, without gaps.'),
  types: z.array(z.object({ type: z.string(), count: z.int().positive() })).describe('Most frequent first.'),
  last_id: eventId.nullable().describe('Of the newest event of the organisation.'),
  session_outbox: z
    .object({ waiting: z.int().min(0), oldest_at: instant.nullable() })
    .nullable()
    .describe(
      'Events of sessions, of every organisation, that are not in the log yet; null while the session store is away.',
    ),
});
export type EventStats = z.infer<typeof eventStats>;

export const eventsContract = {
  list: base
    .route({
      method: 'GET',
      path: '/api/events',
      tags: ['events'],
      summary: 'The event log, newest first',
      description:
        'A page holds fewer events than asked for, or none, when a search looked through a good part of the log: go on with `next_cursor`.',
    })
    .input(eventListInput)
    .output(pageOf(eventEnvelope)),
  get: base
    .route({ method: 'GET', path: '/api/events/{event_id}', tags: ['events'], summary: 'One event' })
    .input(z.strictObject({ event_id: eventId }))
    .output(eventEnvelope),
  stats: base
    .route({
      method: 'GET',
      path: '/api/events/stats',
      tags: ['events'],
      summary: 'How many events there were, minute by minute and by type',
    })
    .input(z.strictObject({ minutes: z.int().min(1).max(MAX_STATS_MINUTES).default(60) }))
    .output(eventStats),
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
