import { withEventMeta } from '@orpc/server';
import { type EventEnvelope, eventId } from '../../src-contract/index.ts';
import { invalidField } from '../errors.ts';
import { type ApiContext, os } from './base.ts';
import { toApiError } from './error-mapping.ts';

export const eventsRouter = os.events.router({
  list: os.events.list.handler(({ input, context }) => context.services.eventHistory.list(context.scope, input)),
  get: os.events.get.handler(({ input, context }) => context.services.eventHistory.get(context.scope, input.event_id)),
  stats: os.events.stats.handler(({ input, context }) => context.services.eventHistory.stats(context.scope, input)),
  stream: os.events.stream.handler(async ({ input, context, signal, lastEventId }) => {
    const { after_id, ...filter } = input;
    if (lastEventId !== undefined && !eventId.safeParse(lastEventId).success) {
      throw invalidField('Last-Event-ID', 'must be the id of an event');
    }
    // Opened before the answer begins: what happens after the client has it is among the events.
    const events = await context.services.events.open(context.scope, filter, {
      after_id: lastEventId ?? after_id,
      signal,
    });
    return withIds(events, context);
  }),
});

/** Each event with its id where server-sent events have one, so that a client that was cut off says it when it is back. */
async function* withIds(
  events: AsyncGenerator<EventEnvelope, void>,
  context: ApiContext,
): AsyncGenerator<EventEnvelope, void> {
  try {
    for await (const event of events) yield withEventMeta(event, { id: event.id });
  } catch (error) {
    // Too late for the middleware that maps the errors of other routes.
    throw toApiError(error, context.logger.child({ route: 'events.stream' }));
  }
}
