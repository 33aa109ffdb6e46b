import { visibleText } from '../../ui/content/visible-text.ts';

const WEBHOOK = /^webhook\.[0-9a-f-]+([0-9a-f]{4})$/;

/**
 * @param webhooks names of the webhooks there are, by their subscriber
 * @param isKnown whether these are all of them
 */
export function subscriberName(subscriber: string, webhooks: ReadonlyMap<string, string>, isKnown: boolean): string {
  const name = webhooks.get(subscriber);
  if (name !== undefined) return visibleText(name);
  const [, end] = WEBHOOK.exec(subscriber) ?? [];
  if (end === undefined) return visibleText(subscriber);
  return isKnown ? `removed webhook …${end}` : `webhook …${end}`;
}
