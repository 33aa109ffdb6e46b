/** A session store in memory, of all organisations, that can be told to be away: for tests of import and export. */
import type { Message, Session } from '../../src-contract/index.ts';
import type { Scope } from '../../src-main/identity/scope.ts';
import {
  type AppendOptions,
  type AppendResult,
  anotherUsersSession,
  type KeyedRequest,
  type SessionPatch,
  type SessionPosition,
  type SessionRecord,
  type SessionStore,
  SessionStoreUnavailableError,
  type SessionTotals,
  type StoredMessage,
} from '../../src-main/storage/sessions/session-store.ts';

interface Held {
  session: Session;
  messages: Message[];
  by_id: Map<string, Message>;
}

const iso = (ms: number) => new Date(ms).toISOString();
const byPosition = (a: SessionPosition, b: SessionPosition) =>
  b.last_accessed_at.localeCompare(a.last_accessed_at) || (a.session_id < b.session_id ? 1 : -1);

export class FakeSessionStore implements SessionStore {
  readonly kind = 'sqlite';
  readonly held = new Map<string, Held>();
  /** Writes that fail before the next succeeds. */
  failures = 0;
  /** Called before every write. */
  onWrite: () => void = () => undefined;

  async create(scope: Scope, record: SessionRecord, messages: readonly Message[], now_ms: number) {
    this.#write();
    const existing = this.#live(scope, record.session_id, now_ms);
    if (existing) return { session: structuredClone(existing.session), created: false };
    const held = this.#begin(scope, record);
    this.#add(held, messages);
    return { session: structuredClone(held.session), created: true };
  }

  async get(scope: Scope, session_id: string, now_ms: number, touch = true): Promise<Session | undefined> {
    const held = this.#live(scope, session_id, now_ms);
    if (held && touch) touchSession(held.session, now_ms);
    return held && structuredClone(held.session);
  }

  async update(
    scope: Scope,
    session_id: string,
    patch: SessionPatch,
    now_ms: number,
    _keyed?: KeyedRequest,
    touch = true,
  ): Promise<Session | undefined> {
    this.#write();
    const held = this.#live(scope, session_id, now_ms);
    if (!held) return undefined;
    const { context = {}, ...fields } = patch;
    Object.assign(held.session, fields);
    Object.assign(held.session.context, context);
    if (touch) touchSession(held.session, now_ms);
    return structuredClone(held.session);
  }

  async append(
    scope: Scope,
    session_id: string,
    messages: readonly Message[],
    now_ms: number,
    options: AppendOptions = {},
  ): Promise<AppendResult | undefined> {
    this.#write();
    const held = this.#live(scope, session_id, now_ms) ?? (options.begin && this.#begin(scope, options.begin));
    if (!held) return undefined;
    const { user_id = held.session.user_id } = options.begin ?? {};
    if (user_id !== held.session.user_id) throw anotherUsersSession(session_id, user_id);
    const before = held.messages.length;
    const stored = this.#add(held, messages);
    const { touch = true } = options;
    if (touch === true) touchSession(held.session, now_ms);
    else if (touch && touch.accessed_at > held.session.last_accessed_at) {
      held.session.last_accessed_at = touch.accessed_at;
    }
    return { session: structuredClone(held.session), messages: stored, added: held.messages.length - before };
  }

  async messages(
    scope: Scope,
    session_id: string,
    range: { order: 'oldest_first' | 'newest_first'; after?: number; before?: number; limit: number },
    now_ms: number,
  ): Promise<StoredMessage[] | undefined> {
    const held = this.#live(scope, session_id, now_ms);
    if (!held) return undefined;
    const { after = 0, before = Number.MAX_SAFE_INTEGER, order, limit } = range;
    const found = held.messages.map((message, index) => ({ seq: index + 1, message: structuredClone(message) }));
    if (order === 'newest_first') found.reverse();
    return found.filter(({ seq }) => seq > after && seq < before).slice(0, limit);
  }

  async list(scope: Scope, user_id: string, page: { after?: SessionPosition; limit: number }, now_ms: number) {
    const { after } = page;
    return this.all(scope, now_ms)
      .filter((session) => session.user_id === user_id)
      .sort(byPosition)
      .filter((session) => after === undefined || byPosition(after, session) < 0)
      .slice(0, page.limit);
  }

  async delete(scope: Scope, session_id: string): Promise<boolean> {
    return this.held.delete(keyOf(scope, session_id));
  }

  async totals(scope: Scope, user_id: string, now_ms: number): Promise<SessionTotals> {
    const sessions = this.all(scope, now_ms).filter((session) => session.user_id === user_id);
    return {
      sessions: sessions.length,
      messages: sessions.reduce((sum, { message_count }) => sum + message_count, 0),
      tokens: sessions.reduce((sum, { token_count }) => sum + token_count, 0),
    };
  }

  async users(scope: Scope, page: { after?: string; limit: number }, now_ms: number) {
    const counts = new Map<string, number>();
    for (const { user_id } of this.all(scope, now_ms)) counts.set(user_id, (counts.get(user_id) ?? 0) + 1);
    return [...counts]
      .map(([user_id, session_count]) => ({ user_id, session_count }))
      .sort((a, b) => (a.user_id < b.user_id ? -1 : 1))
      .filter(({ user_id }) => page.after === undefined || user_id > page.after)
      .slice(0, page.limit);
  }

  async eraseUser(scope: Scope, user_id: string): Promise<number> {
    const keys = [...this.held].filter(
      ([, { session }]) => session.org_id === scope.org_id && session.user_id === user_id,
    );
    for (const [key] of keys) this.held.delete(key);
    return keys.length;
  }

  async sweep(): Promise<number> {
    return 0;
  }

  async ping() {
    return { latency_ms: 0, detail: 'fake' };
  }

  async close(): Promise<void> {}

  /** Live sessions of an organisation. */
  all(scope: Scope, now_ms: number): Session[] {
    return [...this.held.values()]
      .map(({ session }) => session)
      .filter((session) => session.org_id === scope.org_id && Date.parse(session.expires_at) > now_ms)
      .map((session) => structuredClone(session));
  }

  /** Messages of a session, whoever's it is. */
  messagesOf(session_id: string): Message[] {
    return [...this.held.values()].find(({ session }) => session.session_id === session_id)?.messages ?? [];
  }

  #write(): void {
    this.onWrite();
    if (this.failures <= 0) return;
    this.failures -= 1;
    throw new SessionStoreUnavailableError('connection refused');
  }

  #live(scope: Scope, session_id: string, now_ms: number): Held | undefined {
    const held = this.held.get(keyOf(scope, session_id));
    return held && Date.parse(held.session.expires_at) > now_ms ? held : undefined;
  }

  #begin(scope: Scope, record: SessionRecord): Held {
    const session = { ...structuredClone(record), org_id: scope.org_id, message_count: 0, token_count: 0 };
    const held: Held = { session, messages: [], by_id: new Map() };
    this.held.set(keyOf(scope, record.session_id), held);
    return held;
  }

  #add(held: Held, messages: readonly Message[]): Message[] {
    return messages.map((message) => {
      const there = held.by_id.get(message.message_id);
      if (there) return there;
      held.messages.push(structuredClone(message));
      held.by_id.set(message.message_id, message);
      held.session.message_count += 1;
      held.session.token_count += message.token_count;
      return message;
    });
  }
}

function touchSession(session: Session, now_ms: number): void {
  session.last_accessed_at = iso(now_ms);
  session.expires_at = iso(now_ms + session.ttl_seconds * 1000);
}

const keyOf = (scope: Scope, session_id: string) => JSON.stringify([scope.org_id, session_id]);
