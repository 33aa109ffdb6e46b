/** A session store of a few lines in memory: what the real ones are compared with. */
import type { Message, Session } from '../../src-contract/index.ts';
import type { Scope } from '../../src-main/identity/scope.ts';
import type { SessionRecord, SessionStore } from '../../src-main/storage/sessions/session-store.ts';
import { iso } from './session-backends.ts';

interface Held {
  session: Session;
  messages: Message[];
}

const byteOrder = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Knows one organisation. */
export class SessionStoreModel implements Omit<SessionStore, 'kind' | 'ping' | 'close'> {
  readonly #held = new Map<string, Held>();

  async create(scope: Scope, record: SessionRecord, messages: readonly Message[], now_ms: number) {
    const existing = this.#live(record.session_id, now_ms);
    if (existing) return { session: { ...existing.session }, created: false };
    const held = this.#begin(scope, record);
    this.#add(held, messages);
    return { session: { ...held.session }, created: true };
  }

  async get(_scope: Scope, session_id: string, now_ms: number, touch = true) {
    const held = this.#live(session_id, now_ms);
    if (held && touch) this.#touch(held, now_ms);
    return held && { ...held.session };
  }

  async update(_scope: Scope, session_id: string, patch: Parameters<SessionStore['update']>[2], now_ms: number) {
    const held = this.#live(session_id, now_ms);
    if (!held) return undefined;
    Object.assign(held.session, patch);
    this.#touch(held, now_ms);
    return { ...held.session };
  }

  async append(
    scope: Scope,
    session_id: string,
    messages: readonly Message[],
    now_ms: number,
    options: { begin?: SessionRecord; touch?: boolean } = {},
  ) {
    const held = this.#live(session_id, now_ms) ?? (options.begin && this.#begin(scope, options.begin));
    if (!held) return undefined;
    const before = held.messages.length;
    const stored = this.#add(held, messages);
    if (options.touch !== false) this.#touch(held, now_ms);
    return { session: { ...held.session }, messages: stored, added: held.messages.length - before };
  }

  async messages(_scope: Scope, session_id: string, range: Parameters<SessionStore['messages']>[2], now_ms: number) {
    const held = this.#live(session_id, now_ms);
    const all = held?.messages.map((message, i) => ({ seq: i + 1, message }));
    if (range.order === 'newest_first') all?.reverse();
    const { after = 0, before = Number.POSITIVE_INFINITY } = range;
    return all?.filter(({ seq }) => seq > after && seq < before).slice(0, range.limit);
  }

  async list(_scope: Scope, user_id: string, page: Parameters<SessionStore['list']>[2], now_ms: number) {
    const { after } = page;
    const compare = (a: { last_accessed_at: string; session_id: string }, b: typeof a) =>
      Date.parse(b.last_accessed_at) - Date.parse(a.last_accessed_at) || byteOrder(b.session_id, a.session_id);
    return this.#sessions(now_ms)
      .filter((session) => session.user_id === user_id && (!after || compare(after, session) < 0))
      .sort(compare)
      .slice(0, page.limit);
  }

  async delete(_scope: Scope, session_id: string) {
    return this.#held.delete(session_id);
  }

  async totals(_scope: Scope, user_id: string, now_ms: number) {
    const own = this.#sessions(now_ms).filter((session) => session.user_id === user_id);
    const sum = (numbers: number[]) => numbers.reduce((total, n) => total + n, 0);
    return {
      sessions: own.length,
      messages: sum(own.map((session) => session.message_count)),
      tokens: sum(own.map((session) => session.token_count)),
    };
  }

  async users(_scope: Scope, page: Parameters<SessionStore['users']>[1], now_ms: number) {
    const counts = new Map<string, number>();
    for (const { user_id } of this.#sessions(now_ms)) counts.set(user_id, (counts.get(user_id) ?? 0) + 1);
    return [...counts]
      .map(([user_id, session_count]) => ({ user_id, session_count }))
      .filter(({ user_id }) => page.after === undefined || byteOrder(user_id, page.after) > 0)
      .sort((a, b) => byteOrder(a.user_id, b.user_id))
      .slice(0, page.limit);
  }

  async eraseUser(_scope: Scope, user_id: string) {
    const own = [...this.#held].filter(([, { session }]) => session.user_id === user_id);
    for (const [session_id] of own) this.#held.delete(session_id);
    return own.length;
  }

  async sweep(now_ms: number, limit: number) {
    const expired = [...this.#held.keys()].filter((session_id) => !this.#live(session_id, now_ms)).slice(0, limit);
    for (const session_id of expired) this.#held.delete(session_id);
    return expired.length;
  }

  #sessions(now_ms: number): Session[] {
    return [...this.#held.keys()].flatMap((session_id) => this.#live(session_id, now_ms)?.session ?? []);
  }

  #live(session_id: string, now_ms: number): Held | undefined {
    const held = this.#held.get(session_id);
    return held && Date.parse(held.session.expires_at) > now_ms ? held : undefined;
  }

  #begin(scope: Scope, record: SessionRecord): Held {
    const session = { ...record, org_id: scope.org_id, message_count: 0, token_count: 0 };
    const held = { session, messages: [] };
    this.#held.set(record.session_id, held);
    return held;
  }

  #add(held: Held, messages: readonly Message[]): Message[] {
    return messages.map((message) => {
      const before = held.messages.find(({ message_id }) => message_id === message.message_id);
      if (before) return before;
      held.messages.push(message);
      held.session.message_count += 1;
      held.session.token_count += message.token_count;
      return message;
    });
  }

  #touch({ session }: Held, now_ms: number): void {
    session.last_accessed_at = iso(now_ms);
    session.expires_at = iso(now_ms + session.ttl_seconds * 1000);
  }
}
