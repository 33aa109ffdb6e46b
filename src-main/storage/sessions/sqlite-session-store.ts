/** Sessions in a SQLite file: the default on a computer without Redis. */
import type { Database } from 'better-sqlite3';
import type { Message, Session } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import type { Scope } from '../../identity/scope.ts';
import { sqliteFault } from '../sqlite-faults.ts';
import { copySqliteFile, openSqliteFile } from '../sqlite-file.ts';
import { isSameSession, repeatedAppend, sentMessages } from './answered-append.ts';
import { type EventDetail, joinIds, type SessionChange } from './session-outbox.ts';
import {
  type AppendOptions,
  type AppendResult,
  anotherUsersSession,
  type KeyedRequest,
  type MessageRange,
  type SessionPatch,
  type SessionPosition,
  type SessionRecord,
  type SessionStore,
  type SessionStoreOptions,
  SessionStoreUnavailableError,
  type SessionTotals,
  type StoredMessage,
  UPKEEP,
} from './session-store.ts';
import { type SessionAnswer, SqliteSessionAnswers } from './sqlite-session-answers.ts';
import { SqliteSessionOutbox } from './sqlite-session-outbox.ts';
import { userMatcher } from './user-search.ts';

/** A row of `sessions`: times in milliseconds, context as JSON. */
type SessionRow = Omit<Session, 'started_at' | 'last_accessed_at' | 'expires_at' | 'context'> & {
  started_at: number;
  last_accessed_at: number;
  expires_at: number;
  context: string;
  /** 1 when its time to live is that of the settings. */
  follows_ttl: number;
};

type ChangedSession = Pick<SessionRow, 'session_id' | 'user_id'>;
type ExpiredSession = ChangedSession & Pick<SessionRow, 'org_id' | 'expires_at'>;

/** After the newest session there can be: where a list starts. */
const LIST_START = [Number.MAX_SAFE_INTEGER, ''] as const;

/**
 * One file with a write-ahead log and a sync at every commit.
 *
 * SQLite answers synchronously, so that no two calls of one process overlap; writes of other processes are kept apart
 * by immediate transactions. A fault of the file is thrown as SessionStoreUnavailableError with the SqliteFileError
 * as its cause.
 */
export class SqliteSessionStore implements SessionStore {
  readonly kind = 'sqlite';
  readonly outbox: SqliteSessionOutbox;
  readonly #db: Database;
  readonly #ttlOf: (org_id: string) => number | undefined;
  readonly #sql: ReturnType<typeof prepareStatements>;
  readonly #answers: SqliteSessionAnswers;

  /** Events that the transaction under way told of. */
  #told = 0;

  /** @throws SqliteFileError when the file cannot be used */
  constructor(file: string, migrationsDir: string, { max_events, ttlOf }: SessionStoreOptions = {}) {
    this.#ttlOf = (org_id) => ttlOf?.(org_id);
    this.#db = openSqliteFile(file, migrationsDir);
    // A forgotten conversation must not stay readable in the free pages of the file.
    this.#db.pragma('secure_delete = ON');
    this.#sql = prepareStatements(this.#db);
    this.#answers = new SqliteSessionAnswers(this.#db);
    this.outbox = new SqliteSessionOutbox(this.#db, { guard: (work) => this.#guard(work), max_events });
  }

  async create(
    scope: Scope,
    record: SessionRecord,
    messages: readonly Message[],
    now_ms: number,
    keyed?: KeyedRequest,
    detail?: EventDetail,
  ): Promise<{ session: Session; created: boolean }> {
    return this.#write(() => {
      const earlier = this.#answers.find(scope, record.session_id, keyed, now_ms);
      if (earlier?.session) return { session: earlier.session, created: true };
      const existing = this.#live(scope, record.session_id, now_ms);
      if (existing) return { session: toSession(existing), created: false };
      const row = this.#insert(scope, record);
      const stored = this.#addMessages(row, messages);
      this.#sql.save.run(row);
      const session = toSession(row);
      this.#tell(scope, 'created', row, now_ms);
      this.#tellOfMessages(scope, row, stored, { now_ms, begun: true, detail });
      this.#answers.keep(scope, session, keyed, now_ms, { session });
      return { session, created: true };
    });
  }

  async get(scope: Scope, session_id: string, now_ms: number, touch = true): Promise<Session | undefined> {
    if (!touch) {
      const row = this.#guard(() => this.#live(scope, session_id, now_ms));
      return row && toSession(row);
    }
    return this.#write(() => {
      const row = this.#live(scope, session_id, now_ms);
      if (!row) return undefined;
      this.#touch(row, now_ms);
      this.#sql.save.run(row);
      return toSession(row);
    });
  }

  async update(
    scope: Scope,
    session_id: string,
    patch: SessionPatch,
    now_ms: number,
    keyed?: KeyedRequest,
    touch = true,
  ): Promise<Session | undefined> {
    return this.#write(() => {
      const earlier = this.#answers.find(scope, session_id, keyed, now_ms);
      if (earlier) return earlier.session;
      const row = this.#live(scope, session_id, now_ms);
      if (!row) return undefined;
      if (patch.title !== undefined) row.title = patch.title;
      if (patch.ttl_seconds !== undefined) {
        row.ttl_seconds = patch.ttl_seconds;
        row.follows_ttl = 0;
      }
      if (patch.context !== undefined) {
        row.context = JSON.stringify({ ...JSON.parse(row.context), ...patch.context });
        this.#sql.saveContext.run(row);
      }
      if (touch) this.#touch(row, now_ms);
      this.#sql.save.run(row);
      const session = toSession(row);
      this.#tell(scope, 'updated', row, now_ms);
      this.#answers.keep(scope, session, keyed, now_ms, { session });
      return session;
    });
  }

  async append(
    scope: Scope,
    session_id: string,
    messages: readonly Message[],
    now_ms: number,
    options: AppendOptions = {},
  ): Promise<AppendResult | undefined> {
    const { begin, touch = true, keyed, detail } = options;
    return this.#write(() => {
      const earlier = this.#answers.find(scope, session_id, keyed, now_ms);
      const existing = this.#live(scope, session_id, now_ms);
      if (earlier) return this.#appendAgain(existing, messages, earlier);
      if (begin && existing && existing.user_id !== begin.user_id) throw anotherUsersSession(session_id, begin.user_id);
      const row = existing ?? (begin && this.#insert(scope, { ...begin, session_id }));
      if (!row) return undefined;
      const before = row.message_count;
      const stored = this.#addMessages(row, messages);
      if (touch === true) this.#touch(row, now_ms);
      else if (touch) row.last_accessed_at = Math.max(row.last_accessed_at, Date.parse(touch.accessed_at));
      this.#sql.save.run(row);
      const session = toSession(row);
      if (!existing) this.#tell(scope, 'created', row, now_ms);
      this.#tellOfMessages(scope, row, stored, { now_ms, begun: !existing, detail });
      const append = { sent: sentMessages(messages), held: stored.map(({ held }) => (held ? '1' : '0')).join('') };
      this.#answers.keep(scope, session, keyed, now_ms, { session, append });
      return { session, messages: stored.map(({ message }) => message), added: row.message_count - before };
    });
  }

  async messages(
    scope: Scope,
    session_id: string,
    range: MessageRange,
    now_ms: number,
  ): Promise<StoredMessage[] | undefined> {
    return this.#guard(() => {
      if (!this.#live(scope, session_id, now_ms)) return undefined;
      const statement = range.order === 'oldest_first' ? this.#sql.messagesUp : this.#sql.messagesDown;
      const { after = 0, before = Number.MAX_SAFE_INTEGER, limit, max_bytes = Number.POSITIVE_INFINITY } = range;
      const found: StoredMessage[] = [];
      let bytes = 0;
      for (const { seq, message } of statement.iterate(scope.org_id, session_id, after, before, Math.max(0, limit))) {
        bytes += Buffer.byteLength(message);
        if (found.length > 0 && bytes > max_bytes) break;
        found.push({ seq, message: JSON.parse(message) });
      }
      return found;
    });
  }

  async list(
    scope: Scope,
    user_id: string,
    page: { after?: SessionPosition; limit: number },
    now_ms: number,
  ): Promise<Session[]> {
    const [last_accessed_at, session_id] = page.after
      ? [Date.parse(page.after.last_accessed_at), page.after.session_id]
      : LIST_START;
    return this.#guard(() =>
      this.#sql.list
        .all(scope.org_id, user_id, last_accessed_at, session_id, now_ms, Math.max(0, page.limit))
        .map(toSession),
    );
  }

  async delete(scope: Scope, session_id: string, now_ms: number, keyed?: KeyedRequest): Promise<boolean> {
    return this.#write(() => {
      if (this.#answers.find(scope, session_id, keyed, now_ms)) return true;
      const row = this.#sql.find.get(scope.org_id, session_id);
      if (!row) return false;
      this.#sql.remove.run(scope.org_id, session_id);
      if (row.expires_at <= now_ms) {
        this.#tellExpired(row);
        return false;
      }
      this.#tell(scope, 'deleted', row, now_ms);
      this.#answers.keep(scope, row, keyed, now_ms, {});
      return true;
    });
  }

  async totals(scope: Scope, user_id: string, now_ms: number): Promise<SessionTotals> {
    const none = { sessions: 0, messages: 0, tokens: 0 };
    return this.#guard(() => this.#sql.totals.get(scope.org_id, user_id, now_ms) ?? none);
  }

  async users(
    scope: Scope,
    page: { after?: string; limit: number; search?: string },
    now_ms: number,
  ): Promise<{ user_id: string; session_count: number }[]> {
    const matches = userMatcher(page.search);
    const found: { user_id: string; session_count: number }[] = [];
    if (page.limit <= 0) return found;
    return this.#guard(() => {
      for (const user of this.#sql.users.iterate(scope.org_id, page.after ?? '', now_ms)) {
        if (matches(user.user_id)) found.push(user);
        if (found.length >= page.limit) break;
      }
      return found;
    });
  }

  async eraseUser(scope: Scope, user_id: string, now_ms: number): Promise<number> {
    return this.#write(() => {
      this.#answers.eraseUser(scope, user_id);
      const erased = this.#sql.eraseUser.all(scope.org_id, user_id);
      for (const session of erased) this.#tell(scope, 'deleted', session, now_ms);
      return erased.length;
    });
  }

  async sweep(now_ms: number, limit: number): Promise<number> {
    const most = Math.max(0, limit);
    return this.#write(() => {
      const expired = this.#sql.sweep.all(now_ms, most);
      for (const session of expired) this.#tellExpired(session);
      return expired.length + this.#answers.sweep(now_ms, most - expired.length);
    });
  }

  async ping(): Promise<{ latency_ms: number; detail: string }> {
    const start = performance.now();
    const version = this.#guard(() => this.#sql.ping.get());
    return { latency_ms: performance.now() - start, detail: `SQLite ${version}` };
  }

  /** A consistent copy in a file that does not exist yet. */
  async copyTo(target: string, signal: AbortSignal): Promise<void> {
    await copySqliteFile(this.#db, target, signal);
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  #live(scope: Scope, session_id: string, now_ms: number): SessionRow | undefined {
    const row = this.#sql.find.get(scope.org_id, session_id);
    return row && row.expires_at > now_ms ? row : undefined;
  }

  /** The new session without messages, in the place of an expired one if there is one. */
  #insert(scope: Scope, record: SessionRecord): SessionRow {
    const row: SessionRow = {
      ...record,
      follows_ttl: record.follows_ttl ? 1 : 0,
      org_id: scope.org_id,
      started_at: Date.parse(record.started_at),
      last_accessed_at: Date.parse(record.last_accessed_at),
      expires_at: Date.parse(record.expires_at),
      context: JSON.stringify(record.context),
      message_count: 0,
      token_count: 0,
    };
    this.#sql.remove.run(row.org_id, row.session_id);
    this.#sql.insert.run(row);
    return row;
  }

  /** The first answer; `row` is the session there is under this id now. */
  #appendAgain(
    row: SessionRow | undefined,
    messages: readonly Message[],
    { session, append }: SessionAnswer,
  ): AppendResult | undefined {
    if (!session || !append) return undefined;
    const same = row && isSameSession(toSession(row), session);
    const stored = (message_id: string) => (same ? this.#findMessage(row, message_id) : undefined);
    return { session, ...repeatedAppend(messages, append, stored) };
  }

  #findMessage(row: SessionRow, message_id: string): Message | undefined {
    const message = this.#sql.findMessage.get(row.org_id, row.session_id, message_id);
    return message === undefined ? undefined : JSON.parse(message);
  }

  /**
   * Adds what the session does not hold yet and counts it in `row`; the caller saves the row. Answers the messages as
   * stored, and whether the session had held each before.
   */
  #addMessages(row: SessionRow, messages: readonly Message[]): { message: Message; held: boolean }[] {
    return messages.map((message) => {
      const { message_id } = message;
      const { changes } = this.#sql.addMessage.run(
        row.org_id,
        row.session_id,
        row.message_count + 1,
        message_id,
        JSON.stringify(message),
      );
      if (changes === 0) return { message: this.#findMessage(row, message_id) ?? message, held: true };
      row.message_count += 1;
      row.token_count += message.token_count;
      return { message, held: false };
    });
  }

  #tell(scope: Scope, change: SessionChange, session: ChangedSession, at_ms: number, about?: string): void {
    this.outbox.tell(scope, change, session, at_ms, about);
    this.#told += 1;
  }

  /** Nobody did it, whoever noticed. */
  #tellExpired(session: ExpiredSession): void {
    this.#tell({ org_id: session.org_id, actor: UPKEEP }, 'expired', session, session.expires_at);
  }

  /** Of those that are new. */
  #tellOfMessages(
    scope: Scope,
    session: ChangedSession,
    stored: readonly { message: Message; held: boolean }[],
    { now_ms, begun, detail = 'messages' }: { now_ms: number; begun: boolean; detail?: EventDetail | undefined },
  ): void {
    const added = stored.filter(({ held }) => !held).map(({ message }) => message.message_id);
    if (added.length === 0) return;
    if (detail === 'messages') this.#tell(scope, 'messages', session, now_ms, joinIds(added));
    else if (!begun) this.#tell(scope, 'updated', session, now_ms);
  }

  #touch(row: SessionRow, now_ms: number): void {
    if (row.follows_ttl === 1) row.ttl_seconds = this.#ttlOf(row.org_id) ?? row.ttl_seconds;
    row.last_accessed_at = now_ms;
    row.expires_at = now_ms + row.ttl_seconds * 1000;
  }

  #write<T>(work: () => T): T {
    this.#told = 0;
    const [result, added] = this.#guard(() =>
      this.#db.transaction(() => [work(), this.#told - this.outbox.makeRoom(this.#told)] as const).immediate(),
    );
    if (this.#told > 0) this.outbox.written(added);
    return result;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const fault = sqliteFault(error, this.#db.name);
      throw fault ? new SessionStoreUnavailableError(fault.message, { cause: fault }) : error;
    }
  }
}

function toSession({ follows_ttl: _follows_ttl, ...row }: SessionRow): Session {
  return {
    ...row,
    started_at: isoTime(row.started_at),
    last_accessed_at: isoTime(row.last_accessed_at),
    expires_at: isoTime(row.expires_at),
    context: JSON.parse(row.context),
  };
}

function prepareStatements(db: Database) {
  const messagesIn = (order: 'ASC' | 'DESC') =>
    db.prepare<[string, string, number, number, number], { seq: number; message: string }>(
      `SELECT seq, message FROM messages
       WHERE org_id = ? AND session_id = ? AND seq > ? AND seq < ? ORDER BY seq ${order} LIMIT ?`,
    );
  return {
    find: db.prepare<[string, string], SessionRow>('SELECT * FROM sessions WHERE org_id = ? AND session_id = ?'),
    insert: db.prepare<[SessionRow]>(
      `INSERT INTO sessions (org_id, session_id, user_id, title, started_at, last_accessed_at, expires_at, ttl_seconds,
         context, message_count, token_count, follows_ttl)
       VALUES (@org_id, @session_id, @user_id, @title, @started_at, @last_accessed_at, @expires_at, @ttl_seconds,
         @context, @message_count, @token_count, @follows_ttl)`,
    ),
    save: db.prepare<[SessionRow]>(
      `UPDATE sessions SET title = @title, last_accessed_at = @last_accessed_at, expires_at = @expires_at,
         ttl_seconds = @ttl_seconds, follows_ttl = @follows_ttl, message_count = @message_count, token_count = @token_count
       WHERE org_id = @org_id AND session_id = @session_id`,
    ),
    saveContext: db.prepare<[SessionRow]>(
      'UPDATE sessions SET context = @context WHERE org_id = @org_id AND session_id = @session_id',
    ),
    /** Its messages go with it, by the foreign key. */
    remove: db.prepare<[string, string]>('DELETE FROM sessions WHERE org_id = ? AND session_id = ?'),
    addMessage: db.prepare<[string, string, number, string, string]>(
      `INSERT INTO messages (org_id, session_id, seq, message_id, message) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (org_id, session_id, message_id) DO NOTHING`,
    ),
    findMessage: db
      .prepare<[string, string, string], string>(
        'SELECT message FROM messages WHERE org_id = ? AND session_id = ? AND message_id = ?',
      )
      .pluck(),
    messagesUp: messagesIn('ASC'),
    messagesDown: messagesIn('DESC'),
    list: db.prepare<[string, string, number, string, number, number], SessionRow>(
      `SELECT * FROM sessions
       WHERE org_id = ? AND user_id = ? AND (last_accessed_at, session_id) < (?, ?) AND expires_at > ?
       ORDER BY last_accessed_at DESC, session_id DESC LIMIT ?`,
    ),
    totals: db.prepare<[string, string, number], SessionTotals>(
      `SELECT count(*) AS sessions, coalesce(sum(message_count), 0) AS messages, coalesce(sum(token_count), 0) AS tokens
       FROM sessions WHERE org_id = ? AND user_id = ? AND expires_at > ?`,
    ),
    users: db.prepare<[string, string, number], { user_id: string; session_count: number }>(
      `SELECT user_id, count(*) AS session_count FROM sessions
       WHERE org_id = ? AND user_id > ? AND expires_at > ? GROUP BY user_id ORDER BY user_id`,
    ),
    eraseUser: db.prepare<[string, string], ChangedSession>(
      'DELETE FROM sessions WHERE org_id = ? AND user_id = ? RETURNING session_id, user_id',
    ),
    sweep: db.prepare<[number, number], ExpiredSession>(
      `DELETE FROM sessions WHERE rowid IN
         (SELECT rowid FROM sessions WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
       RETURNING org_id, session_id, user_id, expires_at`,
    ),
    ping: db.prepare<[], string>('SELECT sqlite_version()').pluck(),
  };
}
