/** Where sessions live: Redis, or SQLite on a computer without one. Both pass one shared suite. */
import type { Message, Session, SessionContext } from '../../../src-contract/index.ts';
import type { Scope } from '../../identity/scope.ts';

/** A session to be stored: everything but what the store counts itself. */
export type SessionRecord = Omit<Session, 'message_count' | 'token_count' | 'org_id'>;

export interface SessionPatch {
  title?: string | null;
  /** Whole; merging is the caller's. */
  context?: SessionContext;
  ttl_seconds?: number;
}

export interface StoredMessage {
  /** Place in the session, from 1, without gaps. */
  seq: number;
  message: Message;
}

export interface AppendResult {
  session: Session;
  /** The messages as stored, in the order given; one that was already there as it was stored first. */
  messages: Message[];
  /** How many were new. */
  added: number;
}

/** Position in a list of sessions sorted by last access, then id, both descending. */
export interface SessionPosition {
  last_accessed_at: string;
  session_id: string;
}

export interface SessionTotals {
  sessions: number;
  messages: number;
  tokens: number;
}

/**
 * Sessions of all organisations, kept apart by the scope's org.
 *
 * Every method may throw `SessionStoreUnavailableError` when the store is away. Times are the caller's (`now_ms`),
 * so that both stores expire alike. A session past `expires_at` is as good as gone, whether swept or not.
 * `touch`ing moves `last_accessed_at` to now and `expires_at` to now + `ttl_seconds`.
 */
export interface SessionStore {
  readonly kind: 'redis' | 'sqlite';
  /** Stores a session with its messages, atomically. One that exists already is left as it is: `created` false. */
  create(
    scope: Scope,
    record: SessionRecord,
    messages: readonly Message[],
    now_ms: number,
  ): Promise<{ session: Session; created: boolean }>;
  /** The session, touched unless `touch` is false. */
  get(scope: Scope, session_id: string, now_ms: number, touch?: boolean): Promise<Session | undefined>;
  /** Changes what the patch gives, and touches. */
  update(scope: Scope, session_id: string, patch: SessionPatch, now_ms: number): Promise<Session | undefined>;
  /**
   * Appends in O(messages given), atomically, and touches. A message_id the session holds is not added again.
   * With `begin`, a session that does not exist is begun first; without, the answer is undefined.
   * `touch: false` (imports) leaves the times as they are.
   */
  append(
    scope: Scope,
    session_id: string,
    messages: readonly Message[],
    now_ms: number,
    options?: { begin?: SessionRecord; touch?: boolean },
  ): Promise<AppendResult | undefined>;
  /** Messages by place: `after`/`before` a seq (exclusive), in the order asked, at most `limit`. No touch. */
  messages(
    scope: Scope,
    session_id: string,
    range: { order: 'oldest_first' | 'newest_first'; after?: number; before?: number; limit: number },
    now_ms: number,
  ): Promise<StoredMessage[] | undefined>;
  /** Sessions of a user, last accessed first, after a position. */
  list(
    scope: Scope,
    user_id: string,
    page: { after?: SessionPosition; limit: number },
    now_ms: number,
  ): Promise<Session[]>;
  /** True when there was one. */
  delete(scope: Scope, session_id: string): Promise<boolean>;
  totals(scope: Scope, user_id: string, now_ms: number): Promise<SessionTotals>;
  /** Users with a live session, by id, after one; `search` is part of the id, upper and lower case alike. */
  users(
    scope: Scope,
    page: { after?: string; limit: number; search?: string },
    now_ms: number,
  ): Promise<{ user_id: string; session_count: number }[]>;
  /** Deletes all sessions of a user; how many there were. */
  eraseUser(scope: Scope, user_id: string): Promise<number>;
  /** Removes what has expired, at most `limit` sessions; how many. Redis expires keys itself and only mends its index. */
  sweep(now_ms: number, limit: number): Promise<number>;
  /** Round trip in milliseconds and what answered, such as "Redis 7.0.15". */
  ping(): Promise<{ latency_ms: number; detail: string }>;
  close(): Promise<void>;
}

/** The store did not answer or refused. */
export class SessionStoreUnavailableError extends Error {
  override readonly name = 'SessionStoreUnavailableError';
}
