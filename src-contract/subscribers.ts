/** Who gets events, each sooner or later: subscribers, how far each of them is, and how many events wait for it. */
import { z } from 'zod';
import { base } from './base.ts';
import { eventId } from './events.ts';
import { instant } from './primitives.ts';

/**
 * One subscriber of the organisation. Events go from the log to its queue (`behind` are not there yet), from the queue to
 * its handler, and after the last failed attempt to the dead letters.
 */
export const eventSubscriber = z.object({
  name: z.string(),
  kind: z.enum(['built-in', 'webhook']),
  webhook_id: z.uuid().nullable(),
  types: z.array(z.string()).nullable().describe('Null: all types but `event.delivery.*`.'),
  enabled: z.boolean(),
  cursor: eventId.describe('Events up to this one are in the queue or done with.'),
  behind: z
    .int()
    .min(0)
    .describe('Events in the log after the cursor, of any type; counted up to 100,000; 0 while switched off.'),
  waiting: z.int().min(0).describe('Events in the queue that can be handled now.'),
  delayed: z.int().min(0).describe('Events that wait for their next attempt.'),
  running: z.int().min(0),
  dead: z.int().min(0).describe('Dead letters that nobody has dealt with.'),
  oldest_waiting_at: instant.nullable(),
  delivered: z.int().min(0).describe('By this node since it was started.'),
  failed_attempts: z.int().min(0).describe('By this node since it was started.'),
  given_up: z.int().min(0).describe('Handlers that ran past their time and did not stop when told to.'),
  delivered_per_minute: z.number().min(0).describe('By this node in the last minute.'),
});
export type EventSubscriber = z.infer<typeof eventSubscriber>;

export const subscribersContract = {
  list: base
    .route({
      method: 'GET',
      path: '/api/events/subscribers',
      tags: ['events'],
      summary: 'Subscribers, how far each is and what waits for it',
    })
    .output(z.object({ items: z.array(eventSubscriber) })),
};
