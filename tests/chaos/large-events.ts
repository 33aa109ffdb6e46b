/** Events of 1 MB, larger than any the API writes: a serving process publishes one every now and then. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { EventEnvelope, NewEvent } from '../../src-contract/index.ts';

/** Files of a run: there as long as events are to be published; keys of those that were committed, one per line. */
export const PUBLISHING = 'publishing';
export const LARGE_ACKNOWLEDGED = 'large-acknowledged';
const PAYLOAD_BYTES = 1_000_000;
const LARGE_MARK = 'large-';

export interface LargeEvent {
  /** Names it in the log. */
  key: string;
  event: NewEvent;
}

export function newLargeEvent(user_id: string): LargeEvent {
  const key = `${LARGE_MARK}${randomUUID()}`;
  const body = randomBytes((PAYLOAD_BYTES / 4) * 3).toString('base64');
  return { key, event: { type: 'settings.changed', user_id, payload: { keys: [key, digestOf(body), body] } } };
}

/** Whether an event came as it was published; one that is not of these has nothing to check. */
export function cameWhole({ payload }: Pick<EventEnvelope, 'payload'>): boolean {
  const { keys } = payload;
  if (!Array.isArray(keys)) return true;
  const [key, digest, body] = keys;
  if (typeof key !== 'string' || !key.startsWith(LARGE_MARK)) return true;
  return typeof body === 'string' && body.length === PAYLOAD_BYTES && digestOf(body) === digest;
}

const digestOf = (body: string): string => createHash('sha256').update(body).digest('hex');
