/** Session memory: conversations as they happen, in Redis or SQLite. */
import { v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import {
  type Done,
  type Message,
  type NewMessage,
  type Outputs,
  type ParsedInputs,
  type SessionContext,
  type SessionContextInput,
  sessionId,
  timestamp,
} from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { ArchonError, notFound } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import type { KeyedRequest, SessionRecord, SessionStore } from '../storage/sessions/session-store.ts';
import { cursorInvalid, decodeCursor, encodeCursor } from './cursor.ts';
import { requestSha256 } from './idempotency.ts';
import type { Made } from './made.ts';
import type { MemorySettings } from './memory-settings.ts';
import { countTokens } from './o200k.ts';

/** Namespace of the session ids made from an idempotency key. */
const KEYED_SESSIONS = '0d5ee6a4-53cf-5f0c-9d1e-3a8b6a0f7c21';
const EMPTY_CONTEXT: SessionContext = {
  active_project_id: null,
  active_task_ids: [],
  mentioned_files: [],
  metadata: {},
};
/** Bytes of messages one answer holds at most (but one message, however long): memory of a server ends before disks do. */
const MAX_MESSAGES_BYTES = 4 * 1024 * 1024;
/** Names of the lists, in their cursors. */
const SESSIONS = 'sessions';
const MESSAGES = 'messages';
const sessionPosition = z.object({ last_accessed_at: timestamp, session_id: sessionId });
const messagePosition = z.object({ seq: z.int().positive(), order: z.enum(['oldest_first', 'newest_first']) });

export class SessionMemory {
  readonly #store: SessionStore;
  readonly #clock: Clock;
  readonly #settings: () => MemorySettings;

  readonly #touches: boolean;

  /** @param deps.touches false where nothing may be written: reading prolongs no session then */
  constructor(deps: { store: SessionStore; clock: Clock; settings: () => MemorySettings; touches?: boolean }) {
    this.#touches = deps.touches ?? true;
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#settings = deps.settings;
  }

  /**
   * @param made ids of the session and then of its messages
   * @throws ArchonError CONFLICT when the session exists, unless the call repeats the one that made it
   */
  async create(
    scope: Scope,
    input: ParsedInputs['sessions']['create'],
    made?: Made,
  ): Promise<Done<Outputs['sessions']['create']>> {
    const now_ms = this.#clock.now();
    const { idempotency_key: key, ...request } = input;
    const [session_id = newSessionId(scope, input), ...message_ids] = made?.ids ?? [];
    const asked_ms = made?.at_ms ?? now_ms;
    const record = { ...this.#record({ ...input, session_id }, now_ms), started_at: startedAt(input, asked_ms) };
    const messages = toMessages(input.messages ?? [], asked_ms, message_ids);
    const keyed = keyedRequest('sessions.create', key, request);
    const { session, created } = await this.#store.create(scope, record, messages, now_ms, keyed);
    if (created || (made?.again && (await this.#isMade(scope, record, messages)))) return session;
    throw new ArchonError('CONFLICT', `The session ${session_id} exists already: append to it or choose another id.`, {
      issues: [{ field: 'session_id', message: 'exists already' }],
    });
  }

  /** The session that is there is the one that was to be made: it begins with the same messages. */
  async #isMade(scope: Scope, record: SessionRecord, messages: readonly Message[]): Promise<boolean> {
    const now_ms = this.#clock.now();
    const session = await this.#store.get(scope, record.session_id, now_ms, false);
    if (session?.started_at !== record.started_at || session.user_id !== record.user_id) return false;
    if (messages.length === 0) return true;
    const range = { order: 'oldest_first' as const, limit: messages.length };
    const found = await this.#store.messages(scope, record.session_id, range, now_ms);
    return messages.every(({ message_id }, index) => found?.[index]?.message.message_id === message_id);
  }

  async list(scope: Scope, input: ParsedInputs['sessions']['list']): Promise<Outputs['sessions']['list']> {
    const after = input.cursor === undefined ? undefined : decodeCursor(SESSIONS, input.cursor, sessionPosition);
    const read = await this.#store.list(
      scope,
      input.user_id,
      { limit: input.limit + 1, ...(after === undefined ? {} : { after }) },
      this.#clock.now(),
    );
    const items = read.slice(0, input.limit);
    const last = items.at(-1);
    const more = read.length > input.limit && last !== undefined;
    return {
      items,
      next_cursor: more
        ? encodeCursor(SESSIONS, { last_accessed_at: last.last_accessed_at, session_id: last.session_id })
        : null,
    };
  }

  async get(scope: Scope, input: ParsedInputs['sessions']['get']): Promise<Outputs['sessions']['get']> {
    const now_ms = this.#clock.now();
    const session = await this.#store.get(
      scope,
      input.session_id,
      now_ms,
      this.#touches && input.track_access !== false,
    );
    if (session === undefined) throw notFound('session', input.session_id);
    const newest = await this.newestMessages(scope, input.session_id, input.message_limit);
    return { ...session, messages: newest };
  }

  /** The newest messages that go into one answer, oldest first; none when there is no such session. Not an access. */
  async newestMessages(scope: Scope, session_id: string, limit: number): Promise<Message[]> {
    if (limit === 0) return [];
    const range = { order: 'newest_first' as const, limit, max_bytes: MAX_MESSAGES_BYTES };
    const stored = await this.#store.messages(scope, session_id, range, this.#clock.now());
    return (stored ?? []).map(({ message }) => message).reverse();
  }

  async update(scope: Scope, input: ParsedInputs['sessions']['update']): Promise<Done<Outputs['sessions']['update']>> {
    const { session_id, idempotency_key, ...change } = input;
    const { title, context, ttl_seconds } = change;
    const patch = {
      ...(title === undefined ? {} : { title }),
      ...(context === undefined ? {} : { context: givenMembers(context) }),
      ...(ttl_seconds === undefined ? {} : { ttl_seconds }),
    };
    const keyed = keyedRequest('sessions.update', idempotency_key, change);
    const updated = await this.#store.update(scope, session_id, patch, this.#clock.now(), keyed);
    if (updated === undefined) throw notFound('session', session_id);
    return updated;
  }

  async delete(scope: Scope, input: ParsedInputs['sessions']['delete']): Promise<Done<Outputs['sessions']['delete']>> {
    const { session_id, idempotency_key } = input;
    const keyed = keyedRequest('sessions.delete', idempotency_key, {});
    const deleted = await this.#store.delete(scope, session_id, this.#clock.now(), keyed);
    if (!deleted) throw notFound('session', session_id);
    return { session_id, deleted };
  }

  /** @param made ids of the messages */
  async append(
    scope: Scope,
    input: ParsedInputs['sessions']['append'],
    made?: Made,
  ): Promise<Done<Outputs['sessions']['append']>> {
    const now_ms = this.#clock.now();
    const { session_id, idempotency_key, ...request } = input;
    const { user_id } = request;
    const messages = toMessages(request.messages, made?.at_ms ?? now_ms, made?.ids);
    const result = await this.#store.append(scope, session_id, messages, now_ms, {
      ...(user_id === undefined ? {} : { begin: this.#record({ session_id, user_id }, now_ms) }),
      keyed: keyedRequest('sessions.append', idempotency_key, request),
    });
    if (result === undefined) {
      throw new ArchonError('NOT_FOUND', `There is no session ${session_id}: create it, or send user_id to begin it.`);
    }
    return result;
  }

  async messages(scope: Scope, input: ParsedInputs['sessions']['messages']): Promise<Outputs['sessions']['messages']> {
    const { session_id, order, limit } = input;
    const now_ms = this.#clock.now();
    const after = input.cursor === undefined ? undefined : decodeCursor(MESSAGES, input.cursor, messagePosition);
    if (after !== undefined && after.order !== order) throw cursorInvalid();
    const bound = after === undefined ? {} : order === 'oldest_first' ? { after: after.seq } : { before: after.seq };
    const range = { order, limit, max_bytes: MAX_MESSAGES_BYTES, ...bound };
    const [session, page] = await Promise.all([
      this.#store.get(scope, session_id, now_ms, false),
      this.#store.messages(scope, session_id, range, now_ms),
    ]);
    if (session === undefined || page === undefined) throw notFound('session', session_id);
    // Places have no gaps, so that of the last message tells whether there are others, however short the page is.
    const last = page.at(-1);
    const more = last !== undefined && (order === 'oldest_first' ? last.seq < session.message_count : last.seq > 1);
    return {
      items: page.map(({ message }) => message),
      next_cursor: more ? encodeCursor(MESSAGES, { seq: last.seq, order }) : null,
    };
  }

  #record(
    input: Pick<ParsedInputs['sessions']['create'], 'user_id' | 'title' | 'context' | 'started_at' | 'ttl_seconds'> & {
      session_id: string;
    },
    now_ms: number,
  ): SessionRecord {
    const ttl_seconds = input.ttl_seconds ?? this.#settings().session_ttl_seconds;
    return {
      session_id: input.session_id,
      user_id: input.user_id,
      title: input.title ?? null,
      started_at: startedAt(input, now_ms),
      last_accessed_at: isoTime(now_ms),
      expires_at: isoTime(now_ms + ttl_seconds * 1000),
      ttl_seconds,
      context: { ...EMPTY_CONTEXT, ...givenMembers(input.context ?? {}) },
    };
  }
}

/** Made from the key where there is one, so that a repetition finds the session whose store knows the key. */
export function newSessionId(
  scope: Scope,
  { session_id, idempotency_key: key }: ParsedInputs['sessions']['create'],
): string {
  return session_id ?? (key === undefined ? uuidv7() : uuidv5(`session ${scope.org_id} ${key}`, KEYED_SESSIONS));
}

/** The contract lets times pass that a drifting clock put a little ahead: they are now. */
function startedAt({ started_at }: { started_at?: string | undefined }, now_ms: number): string {
  const now = isoTime(now_ms);
  return started_at === undefined || started_at > now ? now : started_at;
}

function keyedRequest(operation: string, key: string | undefined, request: unknown): KeyedRequest | undefined {
  return key === undefined ? undefined : { key, operation, request_sha256: requestSha256(request) };
}

function givenMembers(context: SessionContextInput): Partial<SessionContext> {
  return Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined));
}

/** Messages as stored. */
function toMessages(messages: readonly NewMessage[], now_ms: number, ids: readonly string[] = []): Message[] {
  return messages.map((message, index) => ({
    message_id: message.message_id ?? ids[index] ?? uuidv7(),
    role: message.role,
    content: message.content,
    timestamp: message.timestamp ?? isoTime(now_ms),
    token_count: countTokens(message.content),
    ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
  }));
}
