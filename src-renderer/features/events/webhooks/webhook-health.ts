/** How a webhook does, by its last requests. */
import type { WebhookDelivery } from '../../../../src-contract/index.ts';
import type { Tone } from '../../../ui/Badge.tsx';

export type WebhookHealth =
  | { kind: 'unknown' }
  | { kind: 'well'; last: WebhookDelivery }
  /** The last `count` requests or more were not accepted. */
  | { kind: 'failing'; last: WebhookDelivery; count: number; atLeast: boolean };

/** @param deliveries the newest first */
export function healthOf(deliveries: readonly WebhookDelivery[], hasMore = false): WebhookHealth {
  const [last] = deliveries;
  if (last === undefined) return { kind: 'unknown' };
  const firstAccepted = deliveries.findIndex(isAccepted);
  if (firstAccepted === 0) return { kind: 'well', last };
  const count = firstAccepted < 0 ? deliveries.length : firstAccepted;
  return { kind: 'failing', last, count, atLeast: firstAccepted < 0 && hasMore };
}

export const isAccepted = ({ outcome }: Pick<WebhookDelivery, 'outcome'>): boolean => outcome.kind === 'accepted';

export const OUTCOME_TONES: Record<WebhookDelivery['outcome']['kind'], Tone> = {
  accepted: 'ok',
  refused: 'bad',
  failed: 'bad',
};

/** `accepted with 200`, `refused with 422`, `no answer`. */
export function outcomeWords({ outcome }: Pick<WebhookDelivery, 'outcome'>): string {
  return outcome.kind === 'failed' ? 'no answer' : `${outcome.kind} with ${outcome.status}`;
}

/** The setting that lets webhooks lead to addresses that are refused otherwise. */
export const ALLOW_PRIVATE = 'events.webhooks_allow_private';

/** Whether a message is about an address that is not allowed. */
export const isAboutAddress = (message: string): boolean => message.includes(ALLOW_PRIVATE);
