/** Webhooks among the subscribers. */

const PREFIX = 'webhook.';

export const subscriberOfWebhook = (id: string): string => PREFIX + id;

/** The id of the webhook that a subscriber is, or null. */
export const webhookOf = (subscriber: string): string | null =>
  subscriber.startsWith(PREFIX) ? subscriber.slice(PREFIX.length) : null;
