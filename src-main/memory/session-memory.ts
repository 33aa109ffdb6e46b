/** Session memory: conversations as they happen, in Redis or SQLite. */
import { v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Message, NewMessage, Outputs, ParsedInputs, SessionContext } from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { ArchonError, notFound } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import type { SessionRecord, SessionStore } from '../storage/sessions/session-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { MemorySettings } from './memory-settings.ts';
import { countTokens } from './o200k.ts';

/** Namespace of the message ids made from an idempotency key. */
const KEYED_MESSAGES = '0d5ee6a4-53cf-5f0c-9d1e-3a8b6a0f7c21';
const EMPTY_CONTEXT: SessionContext = {
  active_project_id: null,
  active_task_ids: [],
  mentioned_files: [],
  metadata: {},
};
const sessionPosition = z.object({ last_accessed_at: z.iso.datetime(), session_id: z.string() });
const messagePosition = z.object({ seq: z.int().positive(), order: z.enum(['oldest_first', 'newest_first']) });

export class SessionMemory {
  readonly #store: SessionStore;
  readonly #clock: Clock;
  readonly #settings: () => MemorySettings;

  constructor(deps: { store: SessionStore; clock: Clock; settings: () => MemorySettings }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#settings = deps.settings;
  }

  /** @throws ArchonError CONFLICT when the session exists and the call is not a repetition of the one that made it */
  async create(scope: Scope, input: ParsedInputs['sessions']['create']): Promise<Outputs['sessions']['create']> {
    const now_ms = this.#clock.now();
    const key = input.idempotency_key;
    const session_id =
      input.session_id ?? (key === undefined ? uuidv7() : uuidv5(`session ${scope.org_id} ${key}`, KEYED_MESSAGES));
    const record = this.#record({ ...input, session_id }, now_ms);
    const messages = toMessages(input.messages ?? [], now_ms, key && `${scope.org_id} ${key}`);
    const { session, created } = await this.#store.create(scope, record, messages, now_ms);
    if (created) return session;
    if (key !== undefined && session.user_id === input.user_id && (await this.#holds(scope, session_id, messages))) {
      return session;
    }
    throw new ArchonError('CONFLICT', `The session ${session_id} exists already: append to it or choose another id.`, {
      issues: [{ field: 'session_id', message: 'exists already' }],
    });
  }

  async list(scope: Scope, input: ParsedInputs['sessions']['list']): Promise<Outputs['sessions']['list']> {
    const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor, sessionPosition);
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
      next_cursor: more ? encodeCursor({ last_accessed_at: last.last_accessed_at, session_id: last.session_id }) : null,
    };
  }

  async get(scope: Scope, input: ParsedInputs['sessions']['get']): Promise<Outputs['sessions']['get']> {
    const now_ms = this.#clock.now();
    const session = await this.#store.get(scope, input.session_id, now_ms);
    if (session === undefined) throw notFound('session', input.session_id);
    const newest = await this.newestMessages(scope, input.session_id, input.message_limit);
    return { ...session, messages: newest };
  }

  /** The newest messages of a session, oldest first; none when there is no such session. Not an access. */
  async newestMessages(scope: Scope, session_id: string, limit: number): Promise<Message[]> {
    if (limit === 0) return [];
    const range = { order: 'newest_first' as const, limit };
    const stored = await this.#store.messages(scope, session_id, range, this.#clock.now());
    return (stored ?? []).map(({ message }) => message).reverse();
  }

  async update(scope: Scope, input: ParsedInputs['sessions']['update']): Promise<Outputs['sessions']['update']> {
    const now_ms = this.#clock.now();
    const current = await this.#store.get(scope, input.session_id, now_ms, false);
    if (current === undefined) throw notFound('session', input.session_id);
    const updated = await this.#store.update(
      scope,
      input.session_id,
      {
        ...(input.title === undefined ? {} : { title: input.title }),
        ...(input.context === undefined ? {} : { context: mergeContext(current.context, input.context) }),
        ...(input.ttl_seconds === undefined ? {} : { ttl_seconds: input.ttl_seconds }),
      },
      now_ms,
    );
    if (updated === undefined) throw notFound('session', input.session_id);
    return updated;
  }

  /** With an idempotency key, a session that is gone is no error: an earlier call may have deleted it. */
  async delete(scope: Scope, input: ParsedInputs['sessions']['delete']): Promise<Outputs['sessions']['delete']> {
    const { session_id, idempotency_key } = input;
    const deleted = await this.#store.delete(scope, session_id);
    if (!deleted && idempotency_key === undefined) throw notFound('session', session_id);
    return { session_id, deleted };
  }

  async append(scope: Scope, input: ParsedInputs['sessions']['append']): Promise<Outputs['sessions']['append']> {
    const now_ms = this.#clock.now();
    const { session_id, user_id, idempotency_key } = input;
    if (user_id !== undefined) await this.#refuseStranger(scope, session_id, user_id, now_ms);
    const key = idempotency_key && `${scope.org_id} ${session_id} ${idempotency_key}`;
    const messages = toMessages(input.messages, now_ms, key);
    const begin = user_id === undefined ? undefined : this.#record({ session_id, user_id }, now_ms);
    const result = await this.#store.append(scope, session_id, messages, now_ms, begin === undefined ? {} : { begin });
    if (result === undefined) {
      throw new ArchonError('NOT_FOUND', `There is no session ${session_id}: create it, or send user_id to begin it.`);
    }
    const other =
      key === undefined ? -1 : result.messages.findIndex(({ content }, at) => content !== messages[at]?.content);
    if (other >= 0) {
      throw new ArchonError(
        'IDEMPOTENCY_KEY_REUSED',
        `The idempotency key "${idempotency_key}" was used for other messages.`,
      );
    }
    return result;
  }

  /** One user's words must not end up in the session of another. */
  async #refuseStranger(scope: Scope, session_id: string, user_id: string, now_ms: number): Promise<void> {
    const session = await this.#store.get(scope, session_id, now_ms, false);
    if (session !== undefined && session.user_id !== user_id) {
      throw new ArchonError('NOT_FOUND', `User ${user_id} has no session ${session_id}: choose another id.`);
    }
  }

  /** Whether the session begins with these messages: then the call that made it was this one. */
  async #holds(scope: Scope, session_id: string, messages: readonly Message[]): Promise<boolean> {
    if (messages.length === 0) return true;
    const range = { order: 'oldest_first' as const, limit: messages.length };
    const stored = (await this.#store.messages(scope, session_id, range, this.#clock.now())) ?? [];
    return messages.every(({ message_id }, at) => stored[at]?.message.message_id === message_id);
  }

  async messages(scope: Scope, input: ParsedInputs['sessions']['messages']): Promise<Outputs['sessions']['messages']> {
    const { order, limit } = input;
    const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor, messagePosition);
    if (after !== undefined && after.order !== order) decodeCursor('', messagePosition);
    const bound = after === undefined ? {} : order === 'oldest_first' ? { after: after.seq } : { before: after.seq };
    const range = { order, limit: limit + 1, ...bound };
    const stored = await this.#store.messages(scope, input.session_id, range, this.#clock.now());
    if (stored === undefined) throw notFound('session', input.session_id);
    const page = stored.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map(({ message }) => message),
      next_cursor: stored.length > limit && last !== undefined ? encodeCursor({ seq: last.seq, order }) : null,
    };
  }

  #record(
    input: Pick<ParsedInputs['sessions']['create'], 'user_id' | 'title' | 'context' | 'started_at' | 'ttl_seconds'> & {
      session_id: string;
    },
    now_ms: number,
  ): SessionRecord {
    const ttl_seconds = input.ttl_seconds ?? this.#settings().session_ttl_seconds;
    const now = isoTime(now_ms);
    return {
      session_id: input.session_id,
      user_id: input.user_id,
      title: input.title ?? null,
      started_at: input.started_at === undefined || input.started_at > now ? now : input.started_at,
      last_accessed_at: now,
      expires_at: isoTime(now_ms + ttl_seconds * 1000),
      ttl_seconds,
      context: mergeContext(EMPTY_CONTEXT, input.context ?? {}),
    };
  }
}

function mergeContext(
  current: SessionContext,
  patch: NonNullable<ParsedInputs['sessions']['update']['context']>,
): SessionContext {
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  return { ...current, ...given };
}

/** Messages as stored. With a key their ids follow from it, so that a repeated append adds nothing. */
function toMessages(messages: readonly NewMessage[], now_ms: number, key: string | undefined): Message[] {
  return messages.map((message, index) => ({
    message_id: message.message_id ?? (key === undefined ? uuidv7() : uuidv5(`${key} ${index}`, KEYED_MESSAGES)),
    role: message.role,
    content: message.content,
    timestamp: message.timestamp ?? isoTime(now_ms),
    token_count: countTokens(message.content),
    ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
  }));
}
