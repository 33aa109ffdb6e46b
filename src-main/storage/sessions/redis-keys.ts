/**
 * Names of the keys in Redis.
 *
 * What one script touches shares a hash tag, so that it lies in one slot of a Cluster. Parts are percent-encoded: no
 * brace or slash of an id can end a tag or make two different ids one key.
 */

import { slotOf, tagOf } from './redis-slots.ts';

/** Keys of one session: its hash, its messages, its message ids. */
export function sessionKeys(prefix: string, org_id: string, session_id: string): string[] {
  const key = `${prefix}session:{${encodeURIComponent(org_id)}/${encodeURIComponent(session_id)}}`;
  return [key, `${key}:messages`, `${key}:ids`];
}

/**
 * The outbox that takes the events of a session: one for all, in a Cluster one for each slot, for an event is written in
 * one step with what it tells of.
 */
export function outboxKey(prefix: string, slot: number | undefined): string {
  return slot === undefined ? `${prefix}outbox` : `${prefix}outbox:{${tagOf(slot)}}`;
}

/** The slot of a session's keys. */
export const sessionSlot = (org_id: string, session_id: string): number =>
  slotOf(`${encodeURIComponent(org_id)}/${encodeURIComponent(session_id)}`);

/** First answers to keyed writes of one session, in the slot of its keys: a hash, and its members by age. */
export function answerKeys(prefix: string, org_id: string, session_id: string): string[] {
  const [key] = sessionKeys(prefix, org_id, session_id);
  return [`${key}:answers`, `${key}:answers:age`];
}

/** Sessions of a user that have answers to keyed writes, live or not. */
export function answeredKey(prefix: string, org_id: string, user_id: string): string {
  return `${prefix}user:{${encodeURIComponent(org_id)}/${encodeURIComponent(user_id)}}:answered`;
}

/** Index of a user's sessions: by last access, by expiry. */
export function userIndexKeys(prefix: string, org_id: string, user_id: string): [accessed: string, expiry: string] {
  const key = `${prefix}user:{${encodeURIComponent(org_id)}/${encodeURIComponent(user_id)}}`;
  return [`${key}:accessed`, `${key}:expiry`];
}

/** Index of an organisation's users: by id, by latest expiry of a session, by when to sweep next. */
export function orgIndexKeys(prefix: string, org_id: string): [users: string, latest: string, due: string] {
  const key = `${prefix}users:{${encodeURIComponent(org_id)}}`;
  return [key, `${key}:latest`, `${key}:due`];
}

/** Every organisation that ever had a session. */
export const orgsKey = (prefix: string): string => `${prefix}orgs`;
