/** A session store of a few lines in memory: what the real ones are compared with. */
import type { Message, Session } from '../../src-contract/index.ts';
import { keyReused } from '../../src-main/errors.ts';
import type { Scope } from '../../src-main/identity/scope.ts';
import {
  type AppendOptions,
  anotherUsersSession,
  type KeyedRequest,
  type SessionRecord,
  type SessionStore,
} from '../../src-main/storage/sessions/session-store.ts';
import { iso } from './session-backends.ts';

interface Held {
  session: Session;
  messages: Message[];
}

/** What was answered to a write with an idempotency key. */
interface Answered {
  keyed: KeyedRequest;
  at_ms: number;
  user_id: string;
  session?: Session;
  /** Of an append: the messages as sent, and whether the session had held each before. */
  messages?: { sent: Message; held: boolean }[];
}

const DAY_MS = 24 * 3600_000;
const byteOrder = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Knows one organisation. */
export class SessionStoreModel implements Omit<SessionStore, 'kind' | 'ping' | 'close'> {
  readonly #held = new Map<string, Held>();
  readonly #answered = new Map<string, Answered>();

  async create(
    scope: Scope,
    record: SessionRecord,
    messages: readonly Message[],
    now_ms: number,
    keyed?: KeyedRequest,
  ) {
    const earlier = this.#earlier(record.session_id, keyed, now_ms);
    if (earlier?.session) return { session: earlier.session, created: true };
    const existing = this.#live(record.session_id, now_ms);
    if (existing) return { session: { ...existing.session }, created: false };
    const held = this.#begin(scope, record);
    this.#add(held, messages);
    this.#remember(held, keyed, now_ms, { session: { ...held.session } });
    return { session: { ...held.session }, created: true };
  }

  async get(_scope: Scope, session_id: string, now_ms: number, touch = true) {
    const held = this.#live(session_id, now_ms);
    if (held && touch) this.#touch(held, now_ms);
    return held && { ...held.session };
  }

  async update(
    _scope: Scope,
    session_id: string,
    patch: Parameters<SessionStore['update']>[2],
    now_ms: number,
    keyed?: KeyedRequest,
    touch = true,
  ) {
    const earlier = this.#earlier(session_id, keyed, now_ms);
    if (earlier) return earlier.session;
    const held = this.#live(session_id, now_ms);
    if (!held) return undefined;
    Object.assign(held.session, patch, { context: { ...held.session.context, ...patch.context } });
    if (touch) this.#touch(held, now_ms);
    this.#remember(held, keyed, now_ms, { session: { ...held.session } });
    return { ...held.session };
  }

  async append(
    scope: Scope,
    session_id: string,
    messages: readonly Message[],
    now_ms: number,
    { begin, touch = true, keyed }: AppendOptions = {},
  ) {
    const earlier = this.#earlier(session_id, keyed, now_ms);
    if (earlier?.session && earlier.messages) {
      const { session, messages: answered } = earlier;
      const now = this.#live(session_id, now_ms);
      const same = now?.session.user_id === session.user_id && now.session.started_at === session.started_at;
      const again = answered.map(({ sent, held }) => {
        const stored = now?.messages.find(({ message_id }) => message_id === sent.message_id);
        return (held && same && stored) || sent;
      });
      return { session, messages: again, added: answered.filter(({ held }) => !held).length };
    }
    const existing = this.#live(session_id, now_ms);
    if (begin && existing && existing.session.user_id !== begin.user_id) {
      throw anotherUsersSession(session_id, begin.user_id);
    }
    const held = existing ?? (begin && this.#begin(scope, begin));
    if (!held) return undefined;
    const answered = messages.map((sent, i) => ({
      sent,
      held: [...held.messages, ...messages.slice(0, i)].some(({ message_id }) => message_id === sent.message_id),
    }));
    const before = held.messages.length;
    const stored = this.#add(held, messages);
    if (touch === true) this.#touch(held, now_ms);
    else if (touch && touch.accessed_at > held.session.last_accessed_at) {
      held.session.last_accessed_at = touch.accessed_at;
    }
    this.#remember(held, keyed, now_ms, { session: { ...held.session }, messages: answered });
    return { session: { ...held.session }, messages: stored, added: held.messages.length - before };
  }

  async messages(_scope: Scope, session_id: string, range: Parameters<SessionStore['messages']>[2], now_ms: number) {
    const held = this.#live(session_id, now_ms);
    const all = held?.messages.map((message, i) => ({ seq: i + 1, message }));
    if (range.order === 'newest_first') all?.reverse();
    const { after = 0, before = Number.POSITIVE_INFINITY, max_bytes = Number.POSITIVE_INFINITY } = range;
    const asked = all?.filter(({ seq }) => seq > after && seq < before).slice(0, range.limit);
    let bytes = 0;
    return asked?.filter(({ message }, i) => {
      bytes += Buffer.byteLength(JSON.stringify(message));
      return i === 0 || bytes <= max_bytes;
    });
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

  async delete(_scope: Scope, session_id: string, now_ms: number, keyed?: KeyedRequest) {
    if (this.#earlier(session_id, keyed, now_ms)) return true;
    const held = this.#live(session_id, now_ms);
    this.#held.delete(session_id);
    if (held) this.#remember(held, keyed, now_ms, {});
    return held !== undefined;
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
    for (const [id, answered] of this.#answered) {
      if (answered.user_id === user_id) this.#answered.delete(id);
    }
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

  #earlier(session_id: string, keyed: KeyedRequest | undefined, now_ms: number): Answered | undefined {
    const answered = keyed && this.#answered.get(JSON.stringify([session_id, keyed.key]));
    if (!answered || answered.at_ms < now_ms - DAY_MS) return undefined;
    const { operation, request_sha256, key } = keyed;
    if (answered.keyed.operation !== operation || answered.keyed.request_sha256 !== request_sha256)
      throw keyReused(key);
    return answered;
  }

  #remember(
    { session: { session_id, user_id } }: Held,
    keyed: KeyedRequest | undefined,
    at_ms: number,
    answer: Pick<Answered, 'session' | 'messages'>,
  ): void {
    if (keyed) this.#answered.set(JSON.stringify([session_id, keyed.key]), { keyed, at_ms, user_id, ...answer });
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
