import type { EventEnvelope, Webhook } from '../../../../src-contract/index.ts';

/** News of dead letters goes only to who names it. */
const NEWS = 'event.delivery.';

/** Whether an event is sent to a webhook, by the rules of the engine. */
export function wants(
  { enabled, types, user_id }: Pick<Webhook, 'enabled' | 'types' | 'user_id'>,
  event: Pick<EventEnvelope, 'type' | 'user_id'>,
): boolean {
  const isWanted = types === null ? !event.type.startsWith(NEWS) : types.includes(event.type);
  return enabled && isWanted && (user_id === null || user_id === event.user_id);
}
