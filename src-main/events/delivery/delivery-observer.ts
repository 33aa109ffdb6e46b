/** Who is told how deliveries go: for figures. Nothing here may fail or take time. */
import { webhookOf } from './webhooks/webhook-names.ts';

export type SubscriberKind = 'built_in' | 'webhook';

export interface DeliveryObserver {
  /** A handler came to its end, whatever that was. */
  handled(subscriber: SubscriberKind, seconds: number): void;
  /** The subscriber has taken an event, or a dead letter. */
  delivered(subscriber: SubscriberKind): void;
  /** It failed at an event and will be given it again. */
  postponed(subscriber: SubscriberKind): void;
  /** It failed for the last time. */
  died(subscriber: SubscriberKind): void;
}

export const kindOf = (subscriber: string): SubscriberKind => (webhookOf(subscriber) === null ? 'built_in' : 'webhook');
