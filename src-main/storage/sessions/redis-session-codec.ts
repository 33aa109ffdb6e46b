/** How a session is written in Redis: hash fields of text, messages as JSON. */
import type { Message, Session } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import { CONTEXT_FIELDS, SESSION_FIELDS, STORED_FIELDS } from './redis-session-fields.ts';
import type { IndexTimes } from './redis-session-index.ts';
import type { KeyedRequest, SessionPatch, SessionRecord } from './session-store.ts';

/** Values of STORED_FIELDS, in their order. */
export function recordArguments(record: SessionRecord): (string | number)[] {
  const fields: Record<(typeof STORED_FIELDS)[number], string | number> = {
    user_id: record.user_id,
    title: JSON.stringify(record.title),
    active_project_id: JSON.stringify(record.context.active_project_id),
    active_task_ids: JSON.stringify(record.context.active_task_ids),
    mentioned_files: JSON.stringify(record.context.mentioned_files),
    metadata: JSON.stringify(record.context.metadata),
    started_at: Date.parse(record.started_at),
    last_accessed_at: Date.parse(record.last_accessed_at),
    expires_at: Date.parse(record.expires_at),
    ttl_seconds: record.ttl_seconds,
    follows_ttl: record.follows_ttl ? 1 : 0,
  };
  return STORED_FIELDS.map((name) => fields[name]);
}

/** Pairs of a field and its new value. */
export function patchArguments({ title, context = {}, ttl_seconds }: SessionPatch): (string | number)[] {
  const changes: (string | number)[] = [];
  if (title !== undefined) changes.push('title', JSON.stringify(title));
  for (const name of CONTEXT_FIELDS) {
    if (context[name] !== undefined) changes.push(name, JSON.stringify(context[name]));
  }
  if (ttl_seconds !== undefined) changes.push('ttl_seconds', ttl_seconds, 'follows_ttl', 0);
  return changes;
}

/** The idempotency key of a write, in the order scripts take it. */
export const keyArguments = (keyed: KeyedRequest | undefined): string[] =>
  keyed ? [keyed.key, keyed.operation, keyed.request_sha256] : ['', '', ''];

/** Triples of id, token count, JSON. */
export const messageArguments = (messages: readonly Message[]): (string | number)[] =>
  messages.flatMap((message) => [message.message_id, message.token_count, JSON.stringify(message)]);

/** A session from values of SESSION_FIELDS, in their order. */
export function toSession(org_id: string, session_id: string, values: readonly string[]): Session {
  const field = (name: (typeof SESSION_FIELDS)[number]): string => {
    const value = values[SESSION_FIELDS.indexOf(name)];
    if (typeof value !== 'string') throw new Error(`session ${session_id} has no field ${name} in Redis`);
    return value;
  };
  return {
    session_id,
    org_id,
    user_id: field('user_id'),
    title: JSON.parse(field('title')),
    started_at: isoTime(Number(field('started_at'))),
    last_accessed_at: isoTime(Number(field('last_accessed_at'))),
    expires_at: isoTime(Number(field('expires_at'))),
    ttl_seconds: Number(field('ttl_seconds')),
    context: {
      active_project_id: JSON.parse(field('active_project_id')),
      active_task_ids: JSON.parse(field('active_task_ids')),
      mentioned_files: JSON.parse(field('mentioned_files')),
      metadata: JSON.parse(field('metadata')),
    },
    message_count: Number(field('message_count')),
    token_count: Number(field('token_count')),
  };
}

export const sessionTimes = (session: Pick<Session, 'session_id' | 'last_accessed_at' | 'expires_at'>): IndexTimes => ({
  session_id: session.session_id,
  accessed_ms: Date.parse(session.last_accessed_at),
  expires_ms: Date.parse(session.expires_at),
});

/** Times of a session accessed now. */
export const touchedTimes = (session_id: string, ttl_seconds: number, now_ms: number): IndexTimes => ({
  session_id,
  accessed_ms: now_ms,
  expires_ms: now_ms + ttl_seconds * 1000,
});
