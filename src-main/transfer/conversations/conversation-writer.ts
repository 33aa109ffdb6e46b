/** Stores imported messages: each in its session, and what it leaves in working memory. */
import type { ImportKind, JsonObject, Message } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import type { WorkingRow } from '../../storage/schema.ts';
import type { SessionRecord } from '../../storage/sessions/session-store.ts';
import type { ImportContext, RecordPlace } from '../importers/importer.ts';
import { shown } from '../importers/json-fields.ts';
import { MemoryBatch } from '../memory-batch.ts';
import { isRefusal, withRetries, yieldToEventLoop } from '../retry.ts';
import type { Conversation, ImportedMessage } from './conversation.ts';
import { externalIdOf, stableId } from './stable-ids.ts';
import { storableLabel, storableText } from './storable-text.ts';

const DAY_MS = 86_400_000;
/**
 * Days an imported conversation can be read and its working memories live, from the import on.
 *
 * The longest a working memory may live: what was said years ago shall still be there for consolidation and search,
 * not expire at once because it is old.
 */
export const IMPORT_RETENTION_DAYS = 30;
const DEFAULT_RELEVANCE = 0.5;
/** Conversations whose session is remembered; beyond, the oldest is looked up again when it comes up again. */
const MAX_KNOWN_SESSIONS = 20_000;

interface Pending {
  conversation: Conversation;
  /** By message id: a file may hold a message twice. */
  messages: Map<string, { message: Message; remember: ImportedMessage['remember']; memory_id: string }>;
  place: RecordPlace;
}

/** Collects messages and writes them in batches. */
export class ConversationWriter {
  readonly #context: ImportContext;
  readonly #kind: ImportKind;
  readonly #userId: string;
  /** By conversation id, in the order they came. */
  readonly #pending = new Map<string, Pending>();
  #pendingMessages = 0;
  #pendingCharacters = 0;
  /** Session id of the conversations met so far; null for one that cannot be stored. */
  readonly #sessions = new Map<string, string | null>();

  constructor(context: ImportContext, kind: ImportKind, user_id: string) {
    this.#context = context;
    this.#kind = kind;
    this.#userId = user_id;
  }

  async add(conversation: Conversation, imported: ImportedMessage, place: RecordPlace): Promise<void> {
    const { text, repaired, cut } = storableText(imported.text);
    if (text.trim() === '') return;
    const { report } = this.#context;
    if (repaired) report.warning();
    if (cut) report.error(place, `a text of ${imported.text.length} characters was cut to ${text.length}`);
    const message: Message = {
      message_id: externalIdOf(imported.id),
      role: imported.role,
      content: text,
      timestamp: isoTime(Math.min(imported.time_ms, this.#context.now())),
      token_count: this.#context.countTokens(text),
      ...(imported.metadata ? { metadata: imported.metadata } : {}),
    };
    const identity = imported.global_id === undefined ? [conversation.id, imported.id] : [imported.global_id];
    const memory_id = stableId(this.#context.scope.org_id, this.#userId, this.#kind, ...identity);
    let pending = this.#pending.get(conversation.id);
    if (pending === undefined) {
      pending = { conversation, messages: new Map(), place };
      this.#pending.set(conversation.id, pending);
    }
    if (pending.messages.has(message.message_id)) {
      report.already_there.messages += 1;
      return;
    }
    pending.messages.set(message.message_id, { message, remember: imported.remember, memory_id });
    this.#pendingMessages += 1;
    this.#pendingCharacters += text.length;
    const { batch } = this.#context;
    if (this.#pendingMessages >= batch.messages || this.#pendingCharacters >= batch.characters) await this.flush();
  }

  /** Gives the conversation its title, if its session has none. */
  async setTitle(conversation_id: string, raw: string): Promise<void> {
    const title = storableLabel(raw);
    if (title === undefined) return;
    const pending = this.#pending.get(conversation_id);
    if (pending && !this.#sessions.has(conversation_id)) {
      pending.conversation = { ...pending.conversation, title: pending.conversation.title ?? title };
      return;
    }
    const known = this.#sessions.get(conversation_id);
    if (known === null) return;
    await this.#retried(async () => {
      const { scope, sessions } = this.#context;
      const session_id = known ?? (await this.#chooseSessionId(conversation_id));
      const session = await sessions.get(scope, session_id, this.#context.now(), false);
      if (session?.title === null) await sessions.update(scope, session_id, { title }, this.#context.now());
    });
  }

  async flush(): Promise<void> {
    if (this.#pending.size === 0) return;
    const batch = new MemoryBatch(this.#context);
    for (const pending of this.#pending.values()) {
      const session_id = await this.#storeMessages(pending);
      if (session_id === null) continue;
      for (const { message, remember, memory_id } of pending.messages.values()) {
        const row = this.#memoryOf(message, remember, memory_id, session_id, pending.conversation);
        if (row) batch.add({ type: 'working', row }, pending.place);
      }
    }
    await batch.store();
    this.#pending.clear();
    this.#pendingMessages = 0;
    this.#pendingCharacters = 0;
    await yieldToEventLoop();
  }

  /** The session the messages are in now; null when they could not be stored, which is reported. */
  async #storeMessages(pending: Pending): Promise<string | null> {
    const { conversation, messages, place } = pending;
    if (this.#sessions.get(conversation.id) === null) return null;
    try {
      return await this.#retried(() => {
        // A try before may have come to know it.
        const known = this.#sessions.get(conversation.id) ?? undefined;
        return known === undefined ? this.#firstMessages(pending) : this.#moreMessages(known, pending);
      });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#remember(conversation.id, null);
      const why = error instanceof Error ? error.message : String(error);
      this.#context.report.error(place, `${messages.size} messages of ${shown(conversation.id)} were refused: ${why}`);
      return null;
    }
  }

  async #firstMessages(pending: Pending): Promise<string> {
    const { scope, sessions, report } = this.#context;
    const session_id = await this.#chooseSessionId(pending.conversation.id);
    const messages = messagesOf(pending);
    const record = this.#sessionRecord(session_id, pending);
    const { created } = await sessions.create(scope, record, messages, this.#context.now());
    if (created) {
      report.added.sessions += 1;
      this.#countMessages(messages.length, messages.length);
    } else {
      // Counted after the last write, for one that fails is tried again from the first.
      await this.#moreMessages(session_id, pending);
      report.already_there.sessions += 1;
    }
    this.#remember(pending.conversation.id, session_id);
    return session_id;
  }

  async #moreMessages(session_id: string, pending: Pending): Promise<string> {
    const { scope, sessions } = this.#context;
    const messages = messagesOf(pending);
    // The session may have been deleted since: an import that goes on begins it again.
    const begin = this.#sessionRecord(session_id, pending);
    const options = { begin, touch: false };
    const result = await sessions.append(scope, session_id, messages, this.#context.now(), options);
    this.#countMessages(messages.length, result?.added ?? 0);
    return session_id;
  }

  #countMessages(offered: number, added: number): void {
    this.#context.report.added.messages += added;
    this.#context.report.already_there.messages += offered - added;
  }

  /**
   * The id of the source, unless a session of another user has it: then one of this user's own.
   *
   * The own one is looked for first, so that a second import comes to the same answer even when the other user's
   * session has gone in the meantime.
   */
  async #chooseSessionId(conversation_id: string): Promise<string> {
    const { scope, sessions } = this.#context;
    const own = stableId(scope.org_id, this.#userId, this.#kind, 'session', conversation_id);
    if (await sessions.get(scope, own, this.#context.now(), false)) return own;
    const wanted = externalIdOf(conversation_id);
    const holder = await sessions.get(scope, wanted, this.#context.now(), false);
    return holder === undefined || holder.user_id === this.#userId ? wanted : own;
  }

  #sessionRecord(session_id: string, { conversation, messages }: Pending): SessionRecord {
    const now_ms = this.#context.now();
    const times = Array.from(messages.values(), ({ message }) => message.timestamp);
    const first = times[0] ?? isoTime(now_ms);
    const last = times.at(-1) ?? first;
    const ttl_seconds = (IMPORT_RETENTION_DAYS * DAY_MS) / 1000;
    return {
      session_id,
      user_id: this.#userId,
      title: storableLabel(conversation.title) ?? null,
      started_at: pastTime(conversation.started_ms, now_ms) ?? first,
      // When it was last spoken in, so that imported conversations are listed by their own age, not all as of now.
      last_accessed_at: pastTime(conversation.ended_ms, now_ms) ?? last,
      expires_at: isoTime(now_ms + ttl_seconds * 1000),
      ttl_seconds,
      context: {
        active_project_id: storableLabel(conversation.project) ?? null,
        active_task_ids: [],
        mentioned_files: [],
        metadata: { ...conversation.metadata, source: this.#kind, imported_at: isoTime(now_ms) },
      },
    };
  }

  #memoryOf(
    message: Message,
    remember: ImportedMessage['remember'],
    id: string,
    session_id: string,
    conversation: Conversation,
  ): WorkingRow | undefined {
    if (remember.kind === 'nothing') return undefined;
    const text = remember.kind === 'did' ? storableText(remember.line).text : message.content;
    const title = storableLabel(conversation.title);
    const metadata: JsonObject = { source: this.#kind, ...(title === undefined ? {} : { title }) };
    return {
      org_id: this.#context.scope.org_id,
      id,
      user_id: this.#userId,
      session_id,
      memory_type: remember.kind === 'did' ? 'action' : 'conversation',
      content: { text, role: message.role, message_id: message.message_id },
      metadata,
      tags: [this.#kind],
      token_count: remember.kind === 'did' ? this.#context.countTokens(text) : message.token_count,
      relevance_score: DEFAULT_RELEVANCE,
      relevance_at: message.timestamp,
      created_at: message.timestamp,
      updated_at: message.timestamp,
      expires_at: isoTime(this.#context.now() + IMPORT_RETENTION_DAYS * DAY_MS),
      deleted_at: null,
      language: this.#context.language,
    };
  }

  #remember(conversation_id: string, session_id: string | null): void {
    this.#sessions.set(conversation_id, session_id);
    if (this.#sessions.size <= MAX_KNOWN_SESSIONS) return;
    const [oldest] = this.#sessions.keys();
    if (oldest !== undefined) this.#sessions.delete(oldest);
  }

  #retried<T>(write: () => Promise<T>): Promise<T> {
    return withRetries(write, this.#context.retry_delays_ms, this.#context.signal);
  }
}

function messagesOf(pending: Pending): Message[] {
  return Array.from(pending.messages.values(), ({ message }) => message);
}

function pastTime(ms: number | undefined, now_ms: number): string | undefined {
  return ms === undefined ? undefined : isoTime(Math.min(ms, now_ms));
}
