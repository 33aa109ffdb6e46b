/** Stores imported messages: each in its session, and what it leaves in working memory. */
import { z } from 'zod';
import type { ImportKind, JsonObject, Message, Session } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import type { WorkingRow } from '../../storage/schema.ts';
import type { AppendOptions, AppendResult, SessionRecord } from '../../storage/sessions/session-store.ts';
import type { ImportContext, RecordPlace } from '../importers/importer.ts';
import { shown } from '../importers/json-fields.ts';
import { MemoryBatch } from '../memory-batch.ts';
import { isRefusal, withRetries } from '../retry.ts';
import { yieldToEventLoop } from '../turns.ts';
import type { Conversation, GivenTitle, ImportedMessage } from './conversation.ts';
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
/** Conversations whose session is remembered; beyond, the one met longest ago is looked up again when it comes up again. */
const MAX_KNOWN_SESSIONS = 20_000;
/** Of those, how many an import that goes on still knows, so that it does not count them once more. */
const MAX_SAVED_SESSIONS = 200;
/** Longer ids of conversations are not saved: a state must stay small. */
const MAX_SAVED_ID = 300;
/** Titles kept for conversations of which no message came yet. */
const MAX_WAITING_TITLES = 64;

interface PendingMessage {
  message: Message;
  remember: ImportedMessage['remember'];
  memory_id: string;
  id_may_repeat: boolean;
}

interface Pending {
  conversation: Conversation;
  /** By message id: a file may hold a message twice. */
  messages: Map<string, PendingMessage>;
  title: GivenTitle | undefined;
  place: RecordPlace;
}

const savedState = z.object({
  sessions: z.array(z.tuple([z.string(), z.string().nullable()])),
  titles: z.array(z.tuple([z.string(), z.object({ title: z.string(), replaces: z.array(z.string()) })])),
});

/** Collects messages and writes them in batches. */
export class ConversationWriter {
  readonly #context: ImportContext;
  readonly #kind: ImportKind;
  readonly #userId: string;
  /** By conversation id, in the order they came. */
  readonly #pending = new Map<string, Pending>();
  #pendingMessages = 0;
  #pendingCharacters = 0;
  /** Session id of the conversations met so far; null for one that cannot be stored. The one met last stands last. */
  readonly #sessions: Map<string, string | null>;
  /** Titles of conversations of which no message came yet. */
  readonly #waitingTitles: Map<string, GivenTitle>;

  /** @param state what {@link state} gave at the place the import goes on from */
  constructor(context: ImportContext, kind: ImportKind, user_id: string, state?: unknown) {
    this.#context = context;
    this.#kind = kind;
    this.#userId = user_id;
    const saved = savedState.safeParse(state).data;
    this.#sessions = new Map(saved?.sessions);
    this.#waitingTitles = new Map(saved?.titles);
  }

  /** What going on after everything written so far needs. */
  state(): JsonObject {
    const short = ([conversation_id]: readonly [string, unknown]) => conversation_id.length <= MAX_SAVED_ID;
    const sessions = [...this.#sessions].filter(short).slice(-MAX_SAVED_SESSIONS);
    return { sessions, titles: [...this.#waitingTitles].filter(short) } as unknown as JsonObject;
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
    const { remember, id_may_repeat = false } = imported;
    const identity = imported.global_id === undefined ? [conversation.id, imported.id] : [imported.global_id];
    this.#hold(conversation, { message, remember, memory_id: this.#memoryId(identity), id_may_repeat }, place);
    const { batch } = this.#context;
    if (this.#pendingMessages >= batch.messages || this.#pendingCharacters >= batch.characters) await this.flush();
  }

  #hold(conversation: Conversation, given: PendingMessage, place: RecordPlace): void {
    const pending = this.#pendingOf(conversation, place);
    let held = given;
    let twin = pending.messages.get(held.message.message_id);
    if (twin && held.id_may_repeat && !saysTheSame(twin.message, held.message)) {
      held = this.#namedApart(conversation, held);
      twin = pending.messages.get(held.message.message_id);
    }
    if (twin) {
      this.#context.report.already_there.messages += 1;
      return;
    }
    pending.messages.set(held.message.message_id, held);
    this.#pendingMessages += 1;
    this.#pendingCharacters += held.message.content.length;
  }

  #pendingOf(conversation: Conversation, place: RecordPlace): Pending {
    let pending = this.#pending.get(conversation.id);
    if (pending === undefined) {
      pending = { conversation, messages: new Map(), title: this.#waitingTitles.get(conversation.id), place };
      this.#waitingTitles.delete(conversation.id);
      this.#pending.set(conversation.id, pending);
    }
    const title = storableLabel(conversation.title);
    if (title !== undefined) pending.title ??= { title, replaces: [] };
    return pending;
  }

  /** A message whose id another one of its conversation has, under an id made from what it says: the same each time. */
  #namedApart(conversation: Conversation, { message, ...rest }: PendingMessage): PendingMessage {
    const message_id = stableId('repeated id', message.message_id, message.role, message.content);
    return { ...rest, message: { ...message, message_id }, memory_id: this.#memoryId([conversation.id, message_id]) };
  }

  #memoryId(identity: readonly string[]): string {
    return stableId(this.#context.scope.org_id, this.#userId, this.#kind, ...identity);
  }

  /** Gives the conversation its title, unless its session has one that is not to be replaced. */
  async setTitle(conversation_id: string, given: GivenTitle): Promise<void> {
    const title = storableLabel(given.title);
    if (title === undefined) return;
    const wanted = { title, replaces: given.replaces };
    const pending = this.#pending.get(conversation_id);
    if (pending) {
      pending.title = wanted;
      return;
    }
    const known = this.#sessions.get(conversation_id);
    if (known === null) return;
    const { scope, sessions } = this.#context;
    const session_id = known ?? (await this.#chooseSessionId(conversation_id));
    const session = await this.#retried(() => sessions.get(scope, session_id, this.#context.now(), false));
    if (session) await this.#retitle(session, wanted);
    else this.#keepTitle(conversation_id, wanted);
  }

  #keepTitle(conversation_id: string, title: GivenTitle): void {
    this.#waitingTitles.set(conversation_id, title);
    dropOldest(this.#waitingTitles, MAX_WAITING_TITLES);
  }

  async #retitle(session: Session, wanted: GivenTitle): Promise<void> {
    if (session.title !== null && !wanted.replaces.includes(session.title)) return;
    const { scope, sessions } = this.#context;
    const { title } = wanted;
    await this.#retried(() =>
      sessions.update(scope, session.session_id, { title }, this.#context.now(), undefined, false),
    );
  }

  async flush(): Promise<void> {
    if (this.#pending.size === 0) return;
    const batch = new MemoryBatch(this.#context);
    for (const pending of this.#pending.values()) {
      const session_id = await this.#storeMessages(pending);
      if (session_id === null) continue;
      for (const { message, remember, memory_id } of pending.messages.values()) {
        const row = this.#memoryOf(message, remember, memory_id, session_id, pending);
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
    const known = this.#sessions.get(conversation.id);
    if (known === null) return null;
    try {
      const session =
        known === undefined ? await this.#firstMessages(pending) : await this.#moreMessages(known, pending);
      this.#remember(conversation.id, session.session_id);
      if (pending.title) await this.#retitle(session, pending.title);
      return session.session_id;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#remember(conversation.id, null);
      const why = error instanceof Error ? error.message : String(error);
      this.#context.report.error(place, `${messages.size} messages of ${shown(conversation.id)} were refused: ${why}`);
      return null;
    }
  }

  async #firstMessages(pending: Pending): Promise<Session> {
    const { scope, sessions, report } = this.#context;
    const session_id = await this.#chooseSessionId(pending.conversation.id);
    const messages = messagesOf(pending);
    const record = this.#sessionRecord(session_id, pending);
    const { session, created } = await this.#retried(() =>
      sessions.create(scope, record, messages, this.#context.now(), undefined, 'session'),
    );
    if (created) {
      report.added.sessions += 1;
      report.added.messages += messages.length;
      return session;
    }
    const grown = await this.#moreMessages(session_id, pending);
    report.already_there.sessions += 1;
    return grown;
  }

  async #moreMessages(session_id: string, pending: Pending): Promise<Session> {
    const { report } = this.#context;
    let result = await this.#append(session_id, pending, messagesOf(pending));
    let { added } = result;
    const apart = this.#nameApart(pending, result.messages);
    if (apart.length > 0) {
      result = await this.#append(session_id, pending, apart);
      added += result.added;
    }
    report.added.messages += added;
    report.already_there.messages += pending.messages.size - added;
    return result.session;
  }

  /** Renames what could not be stored because another message of the session has its id. @returns what was renamed */
  #nameApart(pending: Pending, stored: readonly Message[]): Message[] {
    const renamed: Message[] = [];
    for (const message of stored) {
      const held = pending.messages.get(message.message_id);
      if (!held?.id_may_repeat || saysTheSame(message, held.message)) continue;
      const apart = this.#namedApart(pending.conversation, held);
      pending.messages.delete(message.message_id);
      pending.messages.set(apart.message.message_id, apart);
      renamed.push(apart.message);
    }
    return renamed;
  }

  async #append(session_id: string, pending: Pending, messages: readonly Message[]): Promise<AppendResult> {
    const { scope, sessions } = this.#context;
    // The session may have been deleted since: an import that goes on begins it again.
    const begin = this.#sessionRecord(session_id, pending);
    const touch = { accessed_at: newestTime(pending) ?? begin.started_at };
    const options: AppendOptions = { begin, touch, detail: 'session' };
    const result = await this.#retried(() =>
      sessions.append(scope, session_id, messages, this.#context.now(), options),
    );
    if (result === undefined) throw new Error(`session ${session_id} was not begun`);
    return result;
  }

  /**
   * The id of the source, unless a session of another user has it: then one of this user's own.
   *
   * The own one is looked for first, so that a second import comes to the same answer even when the other user's
   * session has gone in the meantime.
   */
  async #chooseSessionId(conversation_id: string): Promise<string> {
    const { scope, sessions } = this.#context;
    const find = (session_id: string) =>
      this.#retried(() => sessions.get(scope, session_id, this.#context.now(), false));
    const own = stableId(scope.org_id, this.#userId, this.#kind, 'session', conversation_id);
    if (await find(own)) return own;
    const wanted = externalIdOf(conversation_id);
    const holder = await find(wanted);
    return holder === undefined || holder.user_id === this.#userId ? wanted : own;
  }

  #sessionRecord(session_id: string, pending: Pending): SessionRecord {
    const { conversation } = pending;
    const now_ms = this.#context.now();
    const [first] = messagesOf(pending);
    const ttl_seconds = (IMPORT_RETENTION_DAYS * DAY_MS) / 1000;
    return {
      session_id,
      user_id: this.#userId,
      title: pending.title?.title ?? null,
      started_at: pastTime(conversation.started_ms, now_ms) ?? first?.timestamp ?? isoTime(now_ms),
      // When it was last spoken in, so that imported conversations are listed by their own age, not all as of now.
      last_accessed_at: pastTime(conversation.ended_ms, now_ms) ?? newestTime(pending) ?? isoTime(now_ms),
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
    { title }: Pending,
  ): WorkingRow | undefined {
    if (remember.kind === 'nothing') return undefined;
    const text = remember.kind === 'did' ? storableText(remember.line).text : message.content;
    const metadata: JsonObject = { source: this.#kind, ...(title === undefined ? {} : { title: title.title }) };
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
    this.#sessions.delete(conversation_id);
    this.#sessions.set(conversation_id, session_id);
    dropOldest(this.#sessions, MAX_KNOWN_SESSIONS);
  }

  #retried<T>(write: () => Promise<T>): Promise<T> {
    return withRetries(write, this.#context.retry_delays_ms, this.#context.signal);
  }
}

function messagesOf(pending: Pending): Message[] {
  return Array.from(pending.messages.values(), ({ message }) => message);
}

/** Times of messages are all written alike, so that texts sort as times do. */
function newestTime(pending: Pending): string | undefined {
  let newest: string | undefined;
  for (const { timestamp } of messagesOf(pending)) if (newest === undefined || timestamp > newest) newest = timestamp;
  return newest;
}

function saysTheSame(one: Message, other: Message): boolean {
  return one.role === other.role && one.content === other.content;
}

/** Keeps a map from growing beyond a size; what was set first goes first. */
function dropOldest(map: Map<string, unknown>, size: number): void {
  if (map.size <= size) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

function pastTime(ms: number | undefined, now_ms: number): string | undefined {
  return ms === undefined ? undefined : isoTime(Math.min(ms, now_ms));
}
