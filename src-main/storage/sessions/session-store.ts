/** Where sessions live: Redis, or SQLite on a computer without one. Both pass one shared suite. */
import type { Message, Session, SessionContext } from '../../../src-contract/index.ts';
import { ArchonError } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import type { EventDetail } from './session-outbox.ts';

/** A session to be stored: everything but what the store counts itself. */
export type SessionRecord = Omit<Session, 'message_count' | 'token_count' | 'org_id'> & {
  /** Its `ttl_seconds` are those of the settings: with each touch it has those that hold then. */
  follows_ttl?: boolean;
};

export interface SessionStoreOptions {
  /** Seconds that sessions live which follow the settings; without it they keep what they were begun with. */
  ttlOf?(org_id: string): number | undefined;
  /** Events that may wait. */
  max_events?: number;
}

export interface SessionPatch {
  title?: string | null;
  /** The members given replace those there are; the others stay. */
  context?: Partial<SessionContext>;
  ttl_seconds?: number;
}

/**
 * A write that takes effect once, however often it comes within {@link IDEMPOTENCY_KEY_VALID_MS}: with the same key and
 * request it gets the first answer, even when the session was deleted or begun anew since; with another request it is
 * refused. The key is looked up and the answer kept in one step with the write. A key belongs to one session.
 */
export interface KeyedRequest {
  key: string;
  /** Name of the operation: a key belongs to one. */
  operation: string;
  request_sha256: string;
}

export interface StoredMessage {
  /** Place in the session, from 1, without gaps. */
  seq: number;
  message: Message;
}

/** Messages by place: `after`/`before` a seq (exclusive), in the order asked. */
export interface MessageRange {
  order: 'oldest_first' | 'newest_first';
  after?: number;
  before?: number;
  /** Messages at most. */
  limit: number;
  /** Bytes of their JSON together at most; the first message is given however long it is. */
  max_bytes?: number;
}

export interface AppendOptions {
  begin?: SessionRecord;
  /** With a time instead (imports), `last_accessed_at` is moved to that one if it lies before, and `expires_at` stays. */
  touch?: boolean | { accessed_at: string };
  keyed?: KeyedRequest | undefined;
  detail?: EventDetail | undefined;
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
 * `touch`ing moves `last_accessed_at` to now and `expires_at` to now + `ttl_seconds`, which for a session that follows the
 * settings become what they say then; one that is given its own keeps that. Writes with a {@link KeyedRequest}
 * throw ArchonError IDEMPOTENCY_KEY_REUSED when the key was used for another one.
 *
 * Every change leaves its event in the outbox of the store, in one step with it; access is no change. Sessions that
 * expire are told of when that is noticed, unless one of the same id was begun before.
 */
export interface SessionStore {
  readonly kind: 'redis' | 'sqlite';
  /** Stores a session with its messages, atomically. One that exists already is left as it is: `created` false. */
  create(
    scope: Scope,
    record: SessionRecord,
    messages: readonly Message[],
    now_ms: number,
    keyed?: KeyedRequest,
    detail?: EventDetail,
  ): Promise<{ session: Session; created: boolean }>;
  /** The session, touched unless `touch` is false. */
  get(scope: Scope, session_id: string, now_ms: number, touch?: boolean): Promise<Session | undefined>;
  /** Changes what the patch gives, and touches unless `touch` is false. */
  update(
    scope: Scope,
    session_id: string,
    patch: SessionPatch,
    now_ms: number,
    keyed?: KeyedRequest,
    touch?: boolean,
  ): Promise<Session | undefined>;
  /**
   * Appends in O(messages given), atomically, and touches. A message_id the session holds is not added again.
   * With `begin`, a session that does not exist is begun first; without, the answer is undefined.
   * `touch: false` leaves the times as they are.
   *
   * @throws ArchonError NOT_FOUND with `begin`, when the session is another user's
   */
  append(
    scope: Scope,
    session_id: string,
    messages: readonly Message[],
    now_ms: number,
    options?: AppendOptions,
  ): Promise<AppendResult | undefined>;
  /** No touch. */
  messages(scope: Scope, session_id: string, range: MessageRange, now_ms: number): Promise<StoredMessage[] | undefined>;
  /** Sessions of a user, last accessed first, after a position. */
  list(
    scope: Scope,
    user_id: string,
    page: { after?: SessionPosition; limit: number },
    now_ms: number,
  ): Promise<Session[]>;
  /** True when there was a live one. */
  delete(scope: Scope, session_id: string, now_ms: number, keyed?: KeyedRequest): Promise<boolean>;
  totals(scope: Scope, user_id: string, now_ms: number): Promise<SessionTotals>;
  /** Users with a live session, by id, after one; `search` is part of the id, upper and lower case alike. */
  users(
    scope: Scope,
    page: { after?: string; limit: number; search?: string },
    now_ms: number,
  ): Promise<{ user_id: string; session_count: number }[]>;
  /** Deletes all sessions of a user and every answer kept for a repeated write; how many sessions there were. */
  eraseUser(scope: Scope, user_id: string, now_ms: number): Promise<number>;
  /**
   * Removes what has expired, at most `limit` sessions and answers to keyed writes; how many. Redis expires keys itself
   * and only mends its index.
   */
  sweep(now_ms: number, limit: number): Promise<number>;
  /** Round trip in milliseconds and what answered, such as "Redis 7.0.15". */
  ping(): Promise<{ latency_ms: number; detail: string }>;
  close(): Promise<void>;
}

/** Who removes what has expired. */
export const UPKEEP = 'upkeep';

/** One user's words must not end up in the session of another. */
export function anotherUsersSession(session_id: string, user_id: string): ArchonError {
  return new ArchonError('NOT_FOUND', `User ${user_id} has no session ${session_id}: choose another id.`);
}

/** The store did not answer or refused. */
export class SessionStoreUnavailableError extends Error {
  override readonly name = 'SessionStoreUnavailableError';
  /** It cannot be reached at all, and did not answer that it cannot do this, or not now. */
  readonly is_away: boolean;

  constructor(message: string, { is_away = false, ...options }: ErrorOptions & { is_away?: boolean } = {}) {
    super(message, options);
    this.is_away = is_away;
  }
}
