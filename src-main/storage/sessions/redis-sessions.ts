/** Sessions in Redis, one at a time: every call is one script and so happens as one. */
import type { Message, Session } from '../../../src-contract/index.ts';
import { keyReused } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import { repeatedAppend, sentMessages } from './answered-append.ts';
import type { RedisConnection } from './redis-connection.ts';
import { defineScripts, runScript, SCRIPTS, type ScriptName } from './redis-scripts.ts';
import { keyArguments, messageArguments, patchArguments, recordArguments, toSession } from './redis-session-codec.ts';
import type { RedisSessionOutbox } from './redis-session-outbox.ts';
import type { EventDetail } from './session-outbox.ts';
import {
  type AppendOptions,
  type AppendResult,
  anotherUsersSession,
  type KeyedRequest,
  type MessageRange,
  type SessionPatch,
  type SessionRecord,
  type StoredMessage,
  UPKEEP,
} from './session-store.ts';

/** What a session says of itself without its context. */
export interface SessionCounts {
  user_id: string;
  messages: number;
  tokens: number;
}

/** `expired`: there was only what was left of one; `repeated`: a call before deleted it. */
export type Deletion =
  | { outcome: 'gone' | 'repeated' }
  | { outcome: 'deleted' | 'expired'; user_id: string /** Of the removed session. */; accessed_ms: number };

/** What a write with an idempotency key answers before it does anything. */
type KeyReused = ['key_reused'];

/**
 * A session is a hash, a list of messages and a hash of message ids, all in one slot of a Cluster. A script is as long
 * as what it adds. (A message held before is read back from the list, which Redis walks in blocks.) The keys expire by
 * themselves at the caller's `expires_at`; scripts compare it with `now_ms` as well, so that an injected clock is
 * obeyed. Answers to writes with an idempotency key lie beside the session and may outlive it.
 */
export class RedisSessions {
  readonly #redis: RedisConnection;
  readonly #outbox: RedisSessionOutbox;
  readonly #ttlOf: (org_id: string) => number | undefined;

  /** @param ttlOf time to live as set, in seconds; undefined when nobody says */
  constructor(redis: RedisConnection, outbox: RedisSessionOutbox, ttlOf: (org_id: string) => number | undefined) {
    this.#ttlOf = ttlOf;
    this.#redis = redis;
    this.#outbox = outbox;
    defineScripts(redis);
  }

  async create(
    scope: Scope,
    record: SessionRecord,
    messages: readonly Message[],
    now_ms: number,
    { keyed, detail = 'messages' }: { keyed?: KeyedRequest | undefined; detail?: EventDetail | undefined },
  ): Promise<{ session: Session; outcome: 'created' | 'exists' | 'repeated' }> {
    const { session_id } = record;
    const [outcome, fields] = await this.#write<['created' | 'exists' | 'repeated', string[]]>(
      'sessionCreate',
      { scope, session_id, now_ms, keyed },
      [detail, ...recordArguments(record), ...messageArguments(messages)],
    );
    return { session: toSession(scope.org_id, session_id, fields), outcome };
  }

  async read(org_id: string, session_id: string, now_ms: number): Promise<Session | undefined> {
    const fields = await this.#script<string[] | null>('sessionRead', org_id, session_id, [now_ms]);
    return fields ? toSession(org_id, session_id, fields) : undefined;
  }

  async touch(org_id: string, session_id: string, now_ms: number): Promise<Session | undefined> {
    const fields = await this.#script<string[] | null>('sessionAccess', org_id, session_id, [
      now_ms,
      this.#ttlOf(org_id) ?? '',
    ]);
    return fields ? toSession(org_id, session_id, fields) : undefined;
  }

  async update(
    scope: Scope,
    session_id: string,
    patch: SessionPatch,
    now_ms: number,
    { keyed, touch }: { keyed?: KeyedRequest | undefined; touch: boolean },
  ): Promise<{ session: Session; outcome: 'updated' | 'repeated' } | undefined> {
    const answer = await this.#write<['updated' | 'repeated', string[]] | null>(
      'sessionUpdate',
      { scope, session_id, now_ms, keyed },
      [touch ? '1' : '', this.#ttlOf(scope.org_id) ?? '', ...patchArguments(patch)],
    );
    if (!answer) return undefined;
    const [outcome, fields] = answer;
    return { session: toSession(scope.org_id, session_id, fields), outcome };
  }

  async append(
    scope: Scope,
    session_id: string,
    messages: readonly Message[],
    now_ms: number,
    options: Omit<AppendOptions, 'begin'> & { begin?: SessionRecord | undefined },
  ): Promise<{ result: AppendResult; outcome: 'begun' | 'appended' | 'repeated' } | undefined> {
    const { begin, touch = true, keyed, detail = 'messages' } = options;
    const answer = await this.#write<AppendAnswer | null>('sessionAppend', { scope, session_id, now_ms, keyed }, [
      detail,
      keyed ? JSON.stringify(sentMessages(messages)) : '',
      typeof touch === 'object' ? Date.parse(touch.accessed_at) : touch ? '1' : '',
      this.#ttlOf(scope.org_id) ?? '',
      begin ? '1' : '',
      ...(begin ? recordArguments(begin) : []),
      ...messageArguments(messages),
    ]);
    if (!answer) return undefined;
    if (answer[0] === 'another_users') throw anotherUsersSession(session_id, begin?.user_id ?? '');
    const session = toSession(scope.org_id, session_id, answer[1]);
    if (answer[0] === 'repeated') {
      const [outcome, , held, sent, stored] = answer;
      const again = repeatedAppend(messages, { held, sent: JSON.parse(sent) }, (_id, i) => parsed(stored[i]));
      return { result: { session, ...again }, outcome };
    }
    const [outcome, , stored] = answer;
    const added = stored.filter((json) => json === '').length;
    return {
      result: { session, messages: messages.map((message, i) => parsed(stored[i]) ?? message), added },
      outcome,
    };
  }

  async messages(
    org_id: string,
    session_id: string,
    range: MessageRange,
    now_ms: number,
  ): Promise<StoredMessage[] | undefined> {
    const { order, after = 0, before = '', limit, max_bytes = '' } = range;
    const args = [now_ms, order, after, before, Math.max(0, limit), max_bytes];
    const answer = await this.#script<[number, string[]] | null>('sessionMessages', org_id, session_id, args);
    if (!answer) return undefined;
    const [first, list] = answer;
    const step = order === 'oldest_first' ? 1 : -1;
    return list.map((json, i) => ({ seq: first + step * i, message: JSON.parse(json) as Message }));
  }

  async counts(org_id: string, session_id: string, now_ms: number): Promise<SessionCounts | undefined> {
    const answer = await this.#script<[string, string, string] | null>('sessionCounts', org_id, session_id, [now_ms]);
    if (!answer) return undefined;
    const [user_id, messages, tokens] = answer;
    return { user_id, messages: Number(messages), tokens: Number(tokens) };
  }

  async delete(scope: Scope, session_id: string, now_ms: number, keyed?: KeyedRequest): Promise<Deletion> {
    const answer = await this.#write<['deleted' | 'expired', string, string] | ['repeated'] | null>(
      'sessionDelete',
      { scope, session_id, now_ms, keyed },
      [],
    );
    if (!answer) return { outcome: 'gone' };
    if (answer[0] === 'repeated') return { outcome: 'repeated' };
    const [outcome, user_id, accessed_ms] = answer;
    return { outcome, user_id, accessed_ms: Number(accessed_ms) };
  }

  /** Removes a session if it is this user's; when it was accessed last. Answers to the user's writes go in any case. */
  async erase(scope: Scope, session_id: string, user_id: string, now_ms: number): Promise<number | undefined> {
    const args = [user_id, ...this.#outbox.originArguments(scope, session_id, now_ms)];
    const accessed_ms = await this.#telling<string | null>('sessionErase', scope.org_id, session_id, args);
    return accessed_ms === null ? undefined : Number(accessed_ms);
  }

  /**
   * Removes what is left of a session of this user that is not live any more; `kept` when it is, or is another user's.
   *
   * @param options.expired_ms when its time was over, if it is known to be: to be told of
   */
  async clear(
    org_id: string,
    session_id: string,
    user_id: string,
    { now_ms, expired_ms }: { now_ms: number; expired_ms: number | undefined },
  ): Promise<'removed' | 'kept' | 'gone'> {
    // The same for everybody who notices, so that it is told of once.
    const source_id = `expired/${session_id}/${expired_ms}`;
    const scope = { org_id, actor: UPKEEP };
    const origin = this.#outbox.originArguments(scope, session_id, expired_ms ?? now_ms, source_id);
    if (expired_ms === undefined) origin[0] = '';
    return await this.#telling('sessionClear', org_id, session_id, [user_id, now_ms, ...origin]);
  }

  /** @throws ArchonError IDEMPOTENCY_KEY_REUSED */
  async #write<Answer>(
    name: ScriptName,
    about: { scope: Scope; session_id: string; now_ms: number; keyed: KeyedRequest | undefined },
    args: readonly (string | number)[],
  ): Promise<Answer> {
    const { scope, session_id, now_ms, keyed } = about;
    const origin = this.#outbox.originArguments(scope, session_id, now_ms);
    const all = [now_ms, ...keyArguments(keyed), ...origin, ...args];
    const answer = await this.#telling<Answer | KeyReused>(name, scope.org_id, session_id, all);
    if (keyed && isKeyReused(answer)) throw keyReused(keyed.key);
    return answer as Answer;
  }

  /** Runs a script that may leave an event. */
  async #telling<Answer>(
    name: ScriptName,
    org_id: string,
    session_id: string,
    args: readonly (string | number)[],
  ): Promise<Answer> {
    try {
      return await this.#script<Answer>(name, org_id, session_id, args);
    } finally {
      // Even when the answer was lost, the write may have been done.
      this.#outbox.written(org_id, session_id);
    }
  }

  #script<Answer>(
    name: ScriptName,
    org_id: string,
    session_id: string,
    args: readonly (string | number)[],
  ): Promise<Answer> {
    const keys = this.#outbox.keysFor(org_id, session_id);
    return runScript(this.#redis, name, keys.slice(0, SCRIPTS[name].numberOfKeys), args);
  }
}

type AppendAnswer =
  | ['begun' | 'appended', session: string[], stored: string[]]
  | ['repeated', session: string[], held: string, sent: string, stored: string[]]
  | ['another_users'];

const isKeyReused = (answer: unknown): answer is KeyReused => Array.isArray(answer) && answer[0] === 'key_reused';

const parsed = (json: string | undefined): Message | undefined => (json ? (JSON.parse(json) as Message) : undefined);
