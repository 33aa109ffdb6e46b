/** Sessions in Redis, one at a time: every call is one script and so happens as one. */
import type { Message, Session } from '../../../src-contract/index.ts';
import type { RedisConnection } from './redis-connection.ts';
import { sessionKeys } from './redis-keys.ts';
import { defineScripts, runScript, type ScriptName } from './redis-scripts.ts';
import { messageArguments, recordArguments, toSession } from './redis-session-codec.ts';
import type { AppendResult, SessionPatch, SessionRecord, StoredMessage } from './session-store.ts';

/** What a session says of itself without its context. */
export interface SessionCounts {
  user_id: string;
  messages: number;
  tokens: number;
}

/** `kept`: it is another user's, or not expired. */
export type Removal =
  | { outcome: 'gone' | 'kept' }
  | { outcome: 'removed'; user_id: string /** Of the removed session. */; accessed_ms: number };

/**
 * A session is a hash, a list of messages and a hash of message ids, all in one slot of a Cluster. A script is as long
 * as what it adds. (A message held before is read back from the list, which Redis walks in blocks.) The keys expire by
 * themselves at the caller's `expires_at`; scripts compare it with `now_ms` as well, so that an injected clock is
 * obeyed.
 */
export class RedisSessions {
  readonly #redis: RedisConnection;
  readonly #prefix: string;

  constructor(redis: RedisConnection, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
    defineScripts(redis);
  }

  async create(
    org_id: string,
    record: SessionRecord,
    messages: readonly Message[],
    now_ms: number,
  ): Promise<{ session: Session; created: boolean }> {
    const { session_id } = record;
    const [created, fields] = await this.#script<[number, string[]]>('sessionCreate', org_id, session_id, [
      now_ms,
      ...recordArguments(record),
      ...messageArguments(messages),
    ]);
    return { session: toSession(org_id, session_id, fields), created: created === 1 };
  }

  async read(org_id: string, session_id: string, now_ms: number): Promise<Session | undefined> {
    const fields = await this.#script<string[] | null>('sessionRead', org_id, session_id, [now_ms]);
    return fields ? toSession(org_id, session_id, fields) : undefined;
  }

  /** Touches the session, and changes it where the patch says so. */
  async access(org_id: string, session_id: string, patch: SessionPatch, now_ms: number): Promise<Session | undefined> {
    const changes: (string | number)[] = [];
    if (patch.title !== undefined) changes.push('title', JSON.stringify(patch.title));
    if (patch.context !== undefined) changes.push('context', JSON.stringify(patch.context));
    if (patch.ttl_seconds !== undefined) changes.push('ttl_seconds', patch.ttl_seconds);
    const fields = await this.#script<string[] | null>('sessionAccess', org_id, session_id, [now_ms, ...changes]);
    return fields ? toSession(org_id, session_id, fields) : undefined;
  }

  async append(
    org_id: string,
    session_id: string,
    messages: readonly Message[],
    now_ms: number,
    options: { begin?: SessionRecord | undefined; touch: boolean },
  ): Promise<(AppendResult & { begun: boolean }) | undefined> {
    const { begin, touch } = options;
    const answer = await this.#script<[string[], string[], number] | null>('sessionAppend', org_id, session_id, [
      now_ms,
      touch ? '1' : '',
      begin ? '1' : '',
      ...(begin ? recordArguments(begin) : []),
      ...messageArguments(messages),
    ]);
    if (!answer) return undefined;
    const [fields, held, begun] = answer;
    return {
      session: toSession(org_id, session_id, fields),
      messages: messages.map((message, i) => (held[i] ? (JSON.parse(held[i]) as Message) : message)),
      added: held.filter((json) => json === '').length,
      begun: begun === 1,
    };
  }

  async messages(
    org_id: string,
    session_id: string,
    range: { order: 'oldest_first' | 'newest_first'; after?: number; before?: number; limit: number },
    now_ms: number,
  ): Promise<StoredMessage[] | undefined> {
    const { order, after = 0, before = '', limit } = range;
    const args = [now_ms, order, after, before, Math.max(0, limit)];
    const answer = await this.#script<[number, string[]] | null>('sessionMessages', org_id, session_id, args);
    if (!answer) return undefined;
    const [first, list] = answer;
    const stored = list.map((json, i) => ({ seq: first + i, message: JSON.parse(json) as Message }));
    return order === 'oldest_first' ? stored : stored.reverse();
  }

  async counts(org_id: string, session_id: string, now_ms: number): Promise<SessionCounts | undefined> {
    const answer = await this.#script<[string, string, string] | null>('sessionCounts', org_id, session_id, [now_ms]);
    if (!answer) return undefined;
    const [user_id, messages, tokens] = answer;
    return { user_id, messages: Number(messages), tokens: Number(tokens) };
  }

  /** Removes a session, or only if it is this user's, or only if it has expired. */
  async remove(
    org_id: string,
    session_id: string,
    only: { user_id?: string; expired_by_ms?: number } = {},
  ): Promise<Removal> {
    const args = [only.user_id ?? '', only.expired_by_ms ?? ''];
    const answer = await this.#script<[string, string, string] | null>('sessionRemove', org_id, session_id, args);
    if (!answer) return { outcome: 'gone' };
    const [outcome, user_id, accessed_ms] = answer;
    if (outcome !== 'removed') return { outcome: 'kept' };
    return { outcome, user_id, accessed_ms: Number(accessed_ms) };
  }

  #script<Answer>(
    name: ScriptName,
    org_id: string,
    session_id: string,
    args: readonly (string | number)[],
  ): Promise<Answer> {
    return runScript(this.#redis, name, sessionKeys(this.#prefix, org_id, session_id), args);
  }
}
